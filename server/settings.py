"""What can be set, from the environment: `DOCKGATE_PORT=9000`, `DOCKGATE_LIMITS__DEPTH=20`.

Read once, when the process starts.
"""

from typing import Literal

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "DOCKGATE_"


class Limits(BaseModel):
    """The most that one request may ask for; what is beyond it is refused, and the limit told."""

    body_bytes: int = Field(1_048_576, gt=0, description="Size of a request's body.")
    characters: int = Field(15_000, gt=0, description="Length of a document.")
    tokens: int = Field(2_000, gt=0, description="Tokens of a document.")
    depth: int = Field(12, gt=0, description="How deep fields lie in one another.")
    aliases: int = Field(15, gt=0, description="How often one root field may be asked.")
    root_fields: int = Field(50, gt=0, description="Root fields of an operation.")
    cost: int = Field(10_000, gt=0, description="1 an object, a list times its page size.")
    errors: int = Field(50, gt=0, description="How many errors an answer tells.")


class Allowances(BaseModel):
    """How often a client, a person or an address may ask: so many at once, and so many a second.

    What comes back each second may be 0, which switches the allowance off.
    """

    reads_burst: int = Field(60_000, gt=0, description="What one caller may ask at once.")
    reads_per_second: int = Field(
        2_000, ge=0, le=100_000, description="What comes back of it each second; 0 for no limit."
    )
    order_writes_burst: int = Field(
        30_000, gt=0, description="The same of jobs and products that one caller writes."
    )
    order_writes_per_second: int = Field(
        1_000, ge=0, le=100_000, description="What comes back of that each second; 0 for no limit."
    )
    address_burst: int = Field(
        2_000, gt=0, description="How often one address may try to be let in, in vain."
    )
    address_per_second: int = Field(
        100, ge=0, le=100_000, description="What comes back of that each second; 0 for no limit."
    )


class Settings(BaseSettings):
    """Everything that differs between one installation and another."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    database_url: SecretStr = Field(
        SecretStr("sqlite:///dockgate.db"),
        description="`sqlite:///relative.db`, `sqlite:////absolute.db` or `postgres://...`.",
    )
    pool_size: int = Field(10, gt=1, description="Connections to the database a process holds.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    workers: int = Field(1, gt=0, description="Processes that answer requests.")
    run_worker: bool = Field(
        default=True, description="Whether serving processes also do the work by the clock."
    )
    public_url: str | None = Field(
        None,
        description="Where clients reach this service; if unset, where each request came to.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses, with commas, whose X-Forwarded-For and -Proto are believed.",
    )
    shutdown_seconds: int = Field(
        10, ge=0, description="How long requests in flight may take when the service stops."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least that is logged; `debug` has a line for each request."
    )
    session_idle_minutes: float = Field(
        30, gt=0, le=1_440, description="How long a browser's session lasts while nobody is there."
    )
    session_hours: float = Field(
        12, gt=0, le=168, description="How long it lasts at most; then one signs in again."
    )
    metrics: bool = Field(default=True, description="Whether `/metrics` is served.")
    limits: Limits = Field(default_factory=Limits, description="What one request may ask for.")
    allowances: Allowances = Field(default_factory=Allowances, description="How often one may ask.")

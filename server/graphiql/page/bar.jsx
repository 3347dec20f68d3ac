// The bar above the editor: a sign-in form for strangers, a name and a way out for everybody else.

import { useEffect, useRef, useState, useSyncExternalStore } from "react";

import { ask } from "./api.js";
import * as session from "./session.js";

const VIEWER = "query SignedIn { viewer { tenant { name } client { name } } }";

export function Bar() {
  const { signedIn, offered, notice } = useSyncExternalStore(session.subscribe, session.current);

  useEffect(() => void session.look(), []);

  return (
    <header className="bar">
      <h1>Dockgate</h1>
      {signedIn?.person && <GoingOn {...signedIn.person} />}
      {signedIn && !signedIn.person && <SignedIn {...signedIn} />}
      {!signedIn && <SignIn offered={offered} />}
      {/* Stays in the page while empty: only then is a change to it read aloud. */}
      <p role="alert">{notice}</p>
    </header>
  );
}

/** In the name of whoever signed in with this browser. */
function GoingOn({ name, role, tenant }) {
  const line = useRef(null);

  useEffect(() => line.current.focus(), []);

  return (
    <div className="signed-in">
      <p ref={line} role="status" tabIndex={-1}>
        Asking as <strong title={role}>{`${name}, ${tenant.name}`}</strong>
      </p>
      <button type="button" onClick={session.signOut}>
        Use a client
      </button>
    </div>
  );
}

function SignIn({ offered }) {
  const [busy, setBusy] = useState(false);
  const clientId = useRef(null);

  useEffect(() => clientId.current.focus(), []);

  async function submit(event) {
    event.preventDefault();
    const { id, secret } = event.currentTarget.elements;
    const given = secret.value;
    secret.value = "";
    setBusy(true);
    await session.signIn(id.value.trim(), given);
    setBusy(false);
  }

  return (
    <form aria-label="Sign in" autoComplete="off" onSubmit={submit}>
      <label>
        Client id
        <input ref={clientId} name="id" required spellCheck={false} autoCapitalize="none" />
      </label>
      <label>
        Client secret
        <input name="secret" type="password" required autoComplete="off" />
      </label>
      <button disabled={busy}>{busy ? "Signing in…" : "Sign in"}</button>
      {offered && (
        <button type="button" onClick={session.goOn}>
          Go on as {offered.name}
        </button>
      )}
    </form>
  );
}

function SignedIn({ clientId, until }) {
  const [who, setWho] = useState(clientId);
  const line = useRef(null);

  useEffect(() => {
    // The form that held the focus is gone; without this a keyboard would start at the top again.
    line.current.focus();
    let here = true;
    ask({ query: VIEWER }).then(
      ({ data }) => here && data?.viewer && setWho(`${data.viewer.client.name}, ${data.viewer.tenant.name}`),
      () => {}, // The id is name enough; what is wrong with the server shows at the next question.
    );
    return () => {
      here = false;
    };
  }, []);

  return (
    <div className="signed-in">
      <p ref={line} role="status" tabIndex={-1}>
        Signed in as <strong title={clientId}>{who}</strong> until{" "}
        <time dateTime={until.toISOString()}>{until.toLocaleTimeString([], { timeStyle: "short" })}</time>
      </p>
      <button type="button" onClick={session.signOut}>
        Sign out
      </button>
    </div>
  );
}

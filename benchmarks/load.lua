-- Sends random lines of the file $BODIES, with $TOKEN, and a value of its own where one is wanted.
local UNIQUE = ("@"):rep(16)
local started, sent, faulty = os.time(), 0, 0

function init()
  math.randomseed(os.time())
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
  requests = {}
  for body in io.lines(os.getenv("BODIES")) do
    requests[#requests + 1] = wrk.format("POST", nil, nil, body)
  end
end

function request()
  local chosen = requests[math.random(#requests)]
  if not chosen:find(UNIQUE, 1, true) then return chosen end
  sent = sent + 1
  return (chosen:gsub(UNIQUE, string.format("%08x%08x", started, sent)))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %.6f %.3f %.3f %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write + errors.timeout + errors.status))
end

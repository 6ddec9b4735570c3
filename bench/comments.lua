-- Sends comments for bench/comments.py: each from another address, none the same as another.
local threads = {}

function setup(thread)
  thread:set("name", "t" .. #threads)
  table.insert(threads, thread)
end

function init(args)
  path, cookie, hidden, run = args[1], args[2], args[3], args[4]
  sent, wrong = 0, 0
  headers = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Cookie"] = cookie }
end

function request()
  sent = sent + 1
  local who = run .. name .. "-" .. sent
  local body = hidden .. "&name=A.+Reader&email=" .. who .. "%40site.example"
    .. "&text=How+long+does+it+last%2C+and+is+a+week+of+pain+afterwards+usual%3F+" .. who
  return wrk.format("POST", path, headers, body)
end

function response(status)
  if status ~= 302 then wrong = wrong + 1 end
end

function done(summary, latency)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.timeout
  for _, thread in ipairs(threads) do errors = errors + thread:get("wrong") end
  print(string.format("answered=%d", summary.requests))
  print(string.format("seconds=%.3f", summary.duration / 1e6))
  print(string.format("median=%.3f", latency:percentile(50) / 1000))
  print(string.format("p95=%.3f", latency:percentile(95) / 1000))
  print(string.format("errors=%d", errors))
end

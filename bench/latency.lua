-- What wrk says at the end, for bench/site.py.
done = function(summary, latency, requests)
  local e = summary.errors
  local errors = e.connect + e.read + e.write + e.status + e.timeout
  print(string.format("rate=%.1f", summary.requests / (summary.duration / 1e6)))
  print(string.format("p95=%.3f", latency:percentile(95) / 1000))
  print(string.format("errors=%d", errors))
end

-- One operator's pages in turn, as fast as they come, for wrk: `wrk -s pages.lua ADDRESS -- COOKIE PATH ...`.
-- The last line is as in scan.lua.

local paths, headers, turn = {}, {}, 0

function init(args)
   headers["Cookie"] = args[1]
   headers["Accept-Language"] = "en"
   for place = 2, #args do paths[#paths + 1] = args[place] end
end

function request()
   turn = turn + 1
   return wrk.format("GET", paths[turn % #paths + 1], headers)
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      "measured requests=%d micros=%d refused=%d broken=%d p50=%d p99=%d slowest=%d\n",
      summary.requests, summary.duration, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99), latency.max))
end

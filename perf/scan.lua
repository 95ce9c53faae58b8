-- What phones ask on a launch night, for wrk: `wrk -s scan.lua ADDRESS -- FOLDER SEED [BEHIND]`.
-- Every request opens a random code of FOLDER/codes.txt, or with BEHIND one after the other, beginning after so many of
-- them; one in five comes from a phone that was here before and brings a cookie of FOLDER/cookies.txt. The rest of a
-- request is joined once: what is dear here slows the load alone.
-- At the end one line of names and numbers for perf/wrk.py; times are microseconds.

local random = math.random
local codes, cookies, behind, first, rest, known, finish

local function lines(path)
   local found = {}
   for line in io.lines(path) do found[#found + 1] = line end
   return found
end

function init(args)
   codes, cookies = lines(args[1] .. "/codes.txt"), lines(args[1] .. "/cookies.txt")
   math.randomseed(tonumber(args[2]))
   behind = tonumber(args[3])
   first = "GET /c/"
   rest = table.concat({
      " HTTP/1.1",
      "Host: " .. wrk.host .. ":" .. wrk.port,
      "User-Agent: Mozilla/5.0 (Linux; Android 14; 23013RK75C Build/UKQ1.230804.001; wv) AppleWebKit/537.36 "
         .. "(KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 "
         .. "MMWEBSDK/20240404 MMWEBID/2585 MicroMessenger/8.0.49.2600(0x2800313D) WeChat/arm64 Weixin "
         .. "NetType/WIFI Language/zh_CN ABI/arm64",
      "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
      "Accept-Language: zh-CN,zh;q=0.9,en;q=0.7",
      "Accept-Encoding: gzip, deflate",
   }, "\r\n")
   known, finish = rest .. "\r\nCookie: tf_visitor=", "\r\n\r\n"
   rest = rest .. finish
end

function request()
   local code = codes[behind and behind % #codes + 1 or random(#codes)]
   if behind then behind = behind + 1 end
   if random(5) == 1 then return first .. code .. known .. cookies[random(#cookies)] .. finish end
   return first .. code .. rest
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      "measured requests=%d micros=%d refused=%d broken=%d p50=%d p99=%d slowest=%d\n",
      summary.requests, summary.duration, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99), latency.max))
end

-- KEYS: the session. ARGV: now, seconds to keep, end of its index entries ('': as it is), expected version of the auth
-- part, summary, expiry.
local kept, answer = read(KEYS[1], ARGV[1], 't')
if not kept then
  return answer
end
local record = kept.record
if record:sub(74, 92) ~= ARGV[4] then
  return {'stale'}
end
local ends = ARGV[3] ~= '' and ARGV[3] or kept.ends
if tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2]) + 300 > tonumber(ends) then
  return {'index', ARGV[2], record:sub(22, 73)}
end
local length = string.format('%08d', #ARGV[5])
record = '2' .. ARGV[6] .. record:sub(22, 111) .. length .. record:sub(120, 127) .. ARGV[5] .. record:sub(kept.summary_ends + 1)
redis.call('HSET', KEYS[1], 'r', record, 'x', ends)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {'done'}

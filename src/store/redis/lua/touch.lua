-- KEYS: the session. ARGV: now, seconds to keep, end of its index entries ('': as it is), expected version of the auth
-- part, summary, expiry.
local kept = redis.call('HMGET', KEYS[1], 'm', 'x')
local main = kept[1]
if not main then
  if redis.call('EXISTS', KEYS[1]) == 1 then
    return redis.error_reply('FOREIGN not a session')
  end
  return {'gone'}
end
if #main < 111 or main:sub(1, 1) ~= '2' or not kept[2] then
  return redis.error_reply('FOREIGN not a session')
end
local expiry, index = main:sub(2, 21), main:sub(22, 73)
if expiry <= ARGV[1] then
  return {'gone'}
end
if main:sub(74, 92) ~= ARGV[4] then
  return {'stale'}
end
local ends = ARGV[3] ~= '' and ARGV[3] or kept[2]
if tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2]) + 300 > tonumber(ends) then
  return {'index', ARGV[2], index}
end
redis.call('HSET', KEYS[1], 'm', '2' .. ARGV[6] .. main:sub(22, 111) .. ARGV[5], 'x', ends)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {'done'}

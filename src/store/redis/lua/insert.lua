-- KEYS: the session. ARGV: now, seconds to keep, end of its index entries, tag of this call, then fields and values.
local until_second = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2])
if until_second + 300 > tonumber(ARGV[3]) then
  return {'late'}
end
local kept = redis.call('HMGET', KEYS[1], 'r', 't')
if kept[1] then
  if #kept[1] < 127 or kept[1]:sub(1, 1) ~= '2' then
    return redis.error_reply('FOREIGN not a session')
  end
  if kept[1]:sub(2, 21) > ARGV[1] then
    return {kept[2] == ARGV[4] and 'done' or 'exists'}
  end
  redis.call('DEL', KEYS[1])
elseif redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.error_reply('FOREIGN not a session')
end
redis.call('HSET', KEYS[1], 'x', ARGV[3], 't', ARGV[4], unpack(ARGV, 5))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {'done'}

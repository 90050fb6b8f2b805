-- KEYS: the session. ARGV: now, seconds to keep ('': as it is), end of its index entries ('': as it is), field of the
-- version, field of the tag, expected version, tag of this call, channel, message, then fields and values.
local kept = redis.call('HMGET', KEYS[1], 'e', 'x', 'i', 'f', ARGV[4], ARGV[5])
if not kept[1] then
  if redis.call('EXISTS', KEYS[1]) == 1 then
    return redis.error_reply('FOREIGN not a session')
  end
  return {'gone'}
end
if #kept[1] ~= 20 or not kept[2] or not kept[3] or #kept[3] ~= 52 or kept[4] ~= '1' then
  return redis.error_reply('FOREIGN not a session')
end
if kept[1] <= ARGV[1] then
  return {'gone'}
end
if (kept[5] or '0') ~= ARGV[6] then
  return {kept[6] == ARGV[7] and 'done' or 'stale'}
end
local ends = ARGV[3] ~= '' and ARGV[3] or kept[2]
if ARGV[2] ~= '' or ARGV[3] ~= '' then
  local seconds = ARGV[2] ~= '' and tonumber(ARGV[2]) or redis.call('TTL', KEYS[1])
  if tonumber(redis.call('TIME')[1]) + seconds + 300 > tonumber(ends) then
    return {'index', tostring(seconds), kept[3]}
  end
end
redis.call('HSET', KEYS[1], 'x', ends, ARGV[5], ARGV[7], unpack(ARGV, 10))
if ARGV[2] ~= '' then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
redis.call('PUBLISH', ARGV[8], ARGV[9])
return {'done'}

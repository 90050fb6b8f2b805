-- KEYS: the session. ARGV: now, seconds to keep, end of its index entries ('': as it is), expected version of the auth
-- part, summary, expiry.
local kept = redis.call('HMGET', KEYS[1], 'e', 'x', 'i', 'f', 'v')
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
if kept[5] ~= ARGV[4] then
  return {'stale'}
end
local ends = ARGV[3] ~= '' and ARGV[3] or kept[2]
if tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2]) + 300 > tonumber(ends) then
  return {'index', ARGV[2], kept[3]}
end
redis.call('HSET', KEYS[1], 'x', ends, 's', ARGV[5], 'e', ARGV[6])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {'done'}

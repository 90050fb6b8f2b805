-- KEYS: the session. ARGV: now, seconds to keep ('': as it is), end of its index entries ('': as it is), field of the
-- part, field of its tag, expected version, tag of this call, channel, message, new version, content, expiry, index keys,
-- summary (these three '': as they are).
local kept = redis.call('HMGET', KEYS[1], 'm', 'x', ARGV[5])
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
local expiry, index, summary = main:sub(2, 21), main:sub(22, 73), main:sub(112)
if expiry <= ARGV[1] then
  return {'gone'}
end
local versions = {a = main:sub(74, 92), p = main:sub(93, 111)}
if versions[ARGV[4]] ~= ARGV[6] then
  return {kept[3] == ARGV[7] and 'done' or 'stale'}
end
local ends = ARGV[3] ~= '' and ARGV[3] or kept[2]
if ARGV[2] ~= '' or ARGV[3] ~= '' then
  local seconds = ARGV[2] ~= '' and tonumber(ARGV[2]) or redis.call('TTL', KEYS[1])
  if tonumber(redis.call('TIME')[1]) + seconds + 300 > tonumber(ends) then
    return {'index', tostring(seconds), index}
  end
end
versions[ARGV[4]] = ARGV[10]
expiry = ARGV[12] ~= '' and ARGV[12] or expiry
if ARGV[13] ~= '' then
  index, summary = ARGV[13], ARGV[14]
end
main = '2' .. expiry .. index .. versions.a .. versions.p .. summary
redis.call('HSET', KEYS[1], 'm', main, 'x', ends, ARGV[4], ARGV[11], ARGV[5], ARGV[7])
if ARGV[2] ~= '' then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
redis.call('PUBLISH', ARGV[8], ARGV[9])
return {'done'}

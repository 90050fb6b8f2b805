-- KEYS: the session. ARGV: now, seconds to keep, end of its index entries ('': as it is), expected version of the auth
-- part, summary, expiry.
local kept = redis.call('HMGET', KEYS[1], 'r', 'x')
local record = kept[1]
if not record then
  if redis.call('EXISTS', KEYS[1]) == 1 then
    return redis.error_reply('FOREIGN not a session')
  end
  return {'gone'}
end
if #record < 127 or record:sub(1, 1) ~= '2' or not kept[2] or not record:sub(112, 127):match('^%d+$') then
  return redis.error_reply('FOREIGN not a session')
end
local summary_ends = 127 + tonumber(record:sub(112, 119))
local auth_ends = summary_ends + tonumber(record:sub(120, 127))
if auth_ends > #record then
  return redis.error_reply('FOREIGN not a session')
end
local expiry, index = record:sub(2, 21), record:sub(22, 73)
if expiry <= ARGV[1] then
  return {'gone'}
end
if record:sub(74, 92) ~= ARGV[4] then
  return {'stale'}
end
local ends = ARGV[3] ~= '' and ARGV[3] or kept[2]
if tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2]) + 300 > tonumber(ends) then
  return {'index', ARGV[2], index}
end
local length = string.format('%08d', #ARGV[5])
record = '2' .. ARGV[6] .. record:sub(22, 111) .. length .. record:sub(120, 127) .. ARGV[5] .. record:sub(summary_ends + 1)
redis.call('HSET', KEYS[1], 'r', record, 'x', ends)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {'done'}

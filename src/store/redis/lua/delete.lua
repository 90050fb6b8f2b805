-- KEYS: the session. ARGV: channel, message. Answers with the index keys, for their entries to be removed.
local index = false
if redis.call('TYPE', KEYS[1]).ok == 'hash' then
  local record = redis.call('HGET', KEYS[1], 'r')
  index = record and record:sub(22, 73)
end
-- Nothing was there: nobody needs to hear of it.
if redis.call('DEL', KEYS[1]) == 1 then
  redis.call('PUBLISH', ARGV[1], ARGV[2])
end
return index or ''

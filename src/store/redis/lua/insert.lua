-- KEYS: the session. ARGV: now, seconds to keep, end of its index entries, tag of this call, then fields and values.
local until_second = tonumber(redis.call('TIME')[1]) + tonumber(ARGV[2])
if until_second + 300 > tonumber(ARGV[3]) then
  return {'late'}
end
local kept, answer = read(KEYS[1], ARGV[1], 't')
if kept then
  return {kept.tag == ARGV[4] and 'done' or 'exists'}
end
if answer.err then
  return answer
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'x', ARGV[3], 't', ARGV[4], unpack(ARGV, 5))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {'done'}

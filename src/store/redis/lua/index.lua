-- KEYS: the sessions under one index key. ARGV: session id, seconds to keep. Answers with the second at which the entry
-- ends, by the server's clock. What has ended is freed after the entry is made: a full server refuses the first write only.
local now = tonumber(redis.call('TIME')[1])
local seconds = tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], 'GT', now + seconds, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('TTL', KEYS[1]) < seconds then
  redis.call('EXPIRE', KEYS[1], seconds)
end
return redis.call('ZSCORE', KEYS[1], ARGV[1])

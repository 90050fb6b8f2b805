-- KEYS: the sessions under one index key. ARGV: session id, seconds to keep. Answers with the second at which the entry
-- ends, by the server's clock: the last of a day, so that it does not tell in which second the session began. What has
-- ended is freed after the entry is made: a full server refuses the first write only.
local now = tonumber(redis.call('TIME')[1])
local ends = math.ceil((now + tonumber(ARGV[2])) / 86400) * 86400
redis.call('ZADD', KEYS[1], 'GT', ends, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('TTL', KEYS[1]) < ends - now then
  redis.call('EXPIREAT', KEYS[1], ends)
end
return redis.call('ZSCORE', KEYS[1], ARGV[1])

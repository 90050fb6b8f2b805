-- KEYS: markers. ARGV: now, then for each marker begun_after, authenticated_after, until, seconds to keep. All are read
-- before the first is written: a value that is no marker leaves nothing half done.
local kept = {}
for n, key in ipairs(KEYS) do
  local old = redis.call('HMGET', key, 'b', 'a', 'u')
  if old[1] and old[2] and old[3] and #old[1] + #old[2] + #old[3] == 60 then
    kept[n] = old
  elseif redis.call('EXISTS', key) == 1 then
    return redis.error_reply('FOREIGN not a marker')
  end
end
for n, key in ipairs(KEYS) do
  local at = 4 * n - 2
  local new, seconds = {ARGV[at], ARGV[at + 1], ARGV[at + 2]}, tonumber(ARGV[at + 3])
  local old = kept[n]
  if old and old[3] > ARGV[1] then
    seconds = math.max(seconds, redis.call('TTL', key))
    for field = 1, 3 do
      if old[field] > new[field] then
        new[field] = old[field]
      end
    end
  end
  redis.call('HSET', key, 'b', new[1], 'a', new[2], 'u', new[3])
  redis.call('EXPIRE', key, seconds)
end
return 'done'

-- KEYS: what is remembered. ARGV: now, until, seconds to keep, tag of this call.
local kept = redis.call('GET', KEYS[1])
if kept then
  if #kept ~= 52 then
    return redis.error_reply('FOREIGN not a remembered key')
  end
  if string.sub(kept, 1, 20) > ARGV[1] then
    return string.sub(kept, 21) == ARGV[4] and 1 or 0
  end
end
redis.call('SET', KEYS[1], ARGV[2] .. ARGV[4], 'EX', ARGV[3])
return 1

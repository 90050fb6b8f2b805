-- KEYS: the session. ARGV: now, seconds to keep ('': as it is), end of its index entries ('': as it is), part ('a' or
-- 'p'), field of its tag, expected version, tag of this call, channel, message, new version, content, expiry, index keys,
-- summary (these three '': as they are).
local kept, answer = read(KEYS[1], ARGV[1], ARGV[5])
if not kept then
  return answer
end
local record, summary_ends, auth_ends = kept.record, kept.summary_ends, kept.auth_ends
local expiry, index = record:sub(2, 21), record:sub(22, 73)
local versions = {a = record:sub(74, 92), p = record:sub(93, 111)}
if versions[ARGV[4]] ~= ARGV[6] then
  return {kept.tag == ARGV[7] and 'done' or 'stale'}
end
local ends = ARGV[3] ~= '' and ARGV[3] or kept.ends
if ARGV[2] ~= '' or ARGV[3] ~= '' then
  local seconds = ARGV[2] ~= '' and tonumber(ARGV[2]) or redis.call('TTL', KEYS[1])
  if tonumber(redis.call('TIME')[1]) + seconds + 300 > tonumber(ends) then
    return {'index', tostring(seconds), index}
  end
end
local summary = record:sub(128, summary_ends)
local contents = {a = record:sub(summary_ends + 1, auth_ends), p = record:sub(auth_ends + 1)}
versions[ARGV[4]], contents[ARGV[4]] = ARGV[10], ARGV[11]
expiry = ARGV[12] ~= '' and ARGV[12] or expiry
if ARGV[13] ~= '' then
  index, summary = ARGV[13], ARGV[14]
end
local lengths = string.format('%08d%08d', #summary, #contents.a)
record = '2' .. expiry .. index .. versions.a .. versions.p .. lengths .. summary .. contents.a .. contents.p
redis.call('HSET', KEYS[1], 'r', record, 'x', ends, ARGV[5], ARGV[7])
if ARGV[2] ~= '' then
  redis.call('EXPIRE', KEYS[1], ARGV[2])
end
redis.call('PUBLISH', ARGV[8], ARGV[9])
return {'done'}

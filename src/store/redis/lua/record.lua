-- What is kept under the key of a session that lives: its record, the end of its index entries, the tag in a field. Without
-- one the second value is the answer: it is gone, or it is no record of ours.
local function read(key, now, field)
  local kept = redis.call('HMGET', key, 'r', 'x', field)
  local record, foreign = kept[1], redis.error_reply('FOREIGN not a session')
  if not record then
    return nil, redis.call('EXISTS', key) == 1 and foreign or {'gone'}
  end
  if #record < 127 or record:sub(1, 1) ~= '2' or not kept[2] or not record:sub(112, 127):match('^%d+$') then
    return nil, foreign
  end
  local summary_ends = 127 + tonumber(record:sub(112, 119))
  local auth_ends = summary_ends + tonumber(record:sub(120, 127))
  if auth_ends > #record then
    return nil, foreign
  end
  if record:sub(2, 21) <= now then
    return nil, {'gone'}
  end
  return {record = record, ends = kept[2], tag = kept[3], summary_ends = summary_ends, auth_ends = auth_ends}
end

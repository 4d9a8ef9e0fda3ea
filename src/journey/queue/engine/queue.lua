-- One change of the index, then every pair that fits. Touches only the keys it is given.
-- KEYS: waiting, ready, barred    ARGV: now, change, …    answers {ticket, agent, ticket, agent, …}
local waiting, ready, barred = KEYS[1], KEYS[2], KEYS[3]
local now, change = ARGV[1], ARGV[2]
local PAGE = 50

if change == 'waits' then -- ticket, place, agent or '', until
  redis.call('ZADD', waiting, ARGV[4], ARGV[3])
  if ARGV[5] ~= '' then redis.call('ZADD', barred, ARGV[6], ARGV[3] .. '|' .. ARGV[5]) end
elseif change == 'gone' then -- ticket
  redis.call('ZREM', waiting, ARGV[3])
elseif change == 'ready' then -- agent, since
  redis.call('ZADD', ready, ARGV[4], ARGV[3])
elseif change == 'away' then -- agent
  redis.call('ZREM', ready, ARGV[3])
end

redis.call('ZREMRANGEBYSCORE', barred, '-inf', now)
local pairs_found, agents = {}, redis.call('ZRANGE', ready, 0, -1)
local skipped = 0
while #agents > 0 do
  local page = redis.call('ZRANGE', waiting, skipped, skipped + PAGE - 1)
  if #page == 0 then break end
  for _, ticket in ipairs(page) do
    local chosen
    for at, agent in ipairs(agents) do
      if not redis.call('ZSCORE', barred, ticket .. '|' .. agent) then chosen = at break end
    end
    if chosen then
      local agent = table.remove(agents, chosen)
      redis.call('ZREM', waiting, ticket)
      redis.call('ZREM', ready, agent)
      pairs_found[#pairs_found + 1] = ticket
      pairs_found[#pairs_found + 1] = agent
      if #agents == 0 then break end
    else
      skipped = skipped + 1
    end
  end
end
return pairs_found

-- One change of the index, then every pair that fits. Touches only the keys it is given; what they hold stands in keys.rs,
-- the rule in mod.rs. ARGV: now, draw (0 for the longest idle), change, …   Answers {ticket, agent, ticket, agent, …}
local line, booked, tickets, ready, agents, profiles, due, meta = unpack(KEYS)
local now, draw, change = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local call, PAGE = redis.call, 20

local state = call('HMGET', meta, 'generation', 'reserve')
if not state[1] then return redis.error_reply('LOST the index is gone') end
local reserve = tonumber(state[2])

-- value: 'LL|PPPPPPPPPPPPPPP|' + 'b' or 'w' + the wider lane
local function add_ticket(ticket, value)
  call('HSET', tickets, ticket, value)
  local member = value:sub(1, 19) .. ticket
  call('ZADD', line, 0, member)
  if value:sub(20, 20) == 'b' then call('ZADD', booked, 0, member) end
end

local function remove_ticket(ticket)
  local value = call('HGET', tickets, ticket)
  if not value then return nil end
  call('HDEL', tickets, ticket)
  local member = value:sub(1, 19) .. ticket
  call('ZREM', line, member)
  if value:sub(20, 20) == 'b' then call('ZREM', booked, member) end
  if #value > 20 then call('ZREM', due, 'r|' .. ticket) end
  return value
end

-- value: 'SSSSSSSSSSSSSSS|' + lanes
local function add_agent(agent, value)
  call('HSET', agents, agent, value)
  local lanes = value:sub(17)
  call('ZADD', ready, 0, lanes .. '|' .. value:sub(1, 16) .. agent)
  call('HINCRBY', profiles, lanes, 1)
end

local function remove_agent(agent)
  local value = call('HGET', agents, agent)
  if not value then return end
  call('HDEL', agents, agent)
  local lanes = value:sub(17)
  call('ZREM', ready, lanes .. '|' .. value:sub(1, 16) .. agent)
  if call('HINCRBY', profiles, lanes, -1) == 0 then call('HDEL', profiles, lanes) end
end

local everything = change == 'time' or change == 'reserve'
for _, what in ipairs(call('ZRANGEBYSCORE', due, '-inf', now)) do
  everything = true
  if what:sub(1, 1) == 'b' then
    call('ZREM', due, what)
  else
    local ticket = what:sub(3)
    local value = remove_ticket(ticket)
    if value then add_ticket(ticket, value:sub(21, 22) .. value:sub(3, 20)) end
  end
end

local function is_barred(ticket, agent) return call('ZSCORE', due, 'b|' .. ticket .. '|' .. agent) end

-- The first member of a lane for which `fits(ticket)`; as 'PPPPPPPPPPPPPPP|ticket'.
local function first_of(set, lane, fits)
  local from, skipped, size = '[' .. lane .. '|', 0, 1
  while true do
    local page = call('ZRANGEBYLEX', set, from, '(' .. lane .. '}', 'LIMIT', skipped, size)
    for _, member in ipairs(page) do
      if fits(member:sub(20)) then return member:sub(4) end
    end
    if #page < size then return nil end
    skipped, size = skipped + size, PAGE
  end
end

-- Ready agents who may be offered a ticket: calls `take('since|agent')`, which answers whether the group has more to say.
local function each_agent(ticket, lane, groups, take)
  for _, lanes in ipairs(groups) do
    if lanes:find(lane .. ',', 1, true) then
      local from, skipped, more = '[' .. lanes .. '|', 0, true
      while more do
        local page = call('ZRANGEBYLEX', ready, from, '(' .. lanes .. '}', 'LIMIT', skipped, PAGE)
        for _, member in ipairs(page) do
          local who = member:sub(#lanes + 2)
          if more and not is_barred(ticket, who:sub(17)) then more = take(who) end
        end
        more = more and #page == PAGE
        skipped = skipped + PAGE
      end
    end
  end
end

local function agent_for(ticket, lane, groups)
  local best, all = nil, {}
  each_agent(ticket, lane, groups, function(who)
    if draw > 0 then all[#all + 1] = who return true end
    if not best or who < best then best = who end
    return false
  end)
  if #all > 0 then
    table.sort(all)
    best = all[draw % #all + 1]
  end
  return best and best:sub(17)
end

local found = {}
local function pair(ticket, agent)
  found[#found + 1] = ticket
  found[#found + 1] = agent
  draw = draw * 16807 % 2147483647
end

local function groups_now()
  local groups, total, flat = {}, 0, call('HGETALL', profiles)
  for at = 1, #flat, 2 do
    groups[#groups + 1] = flat[at]
    total = total + tonumber(flat[at + 1])
  end
  return groups, total
end

local function first_pair()
  local groups, total = groups_now()
  if total == 0 then return false end
  local set, seen, best, best_lane = total > reserve and line or booked, {}, nil, nil
  for _, lanes in ipairs(groups) do
    for lane in lanes:gmatch('%d%d') do
      if not seen[lane] then
        seen[lane] = true
        local first = first_of(set, lane, function(ticket)
          local any = false
          each_agent(ticket, lane, groups, function() any = true return false end)
          return any
        end)
        if first and (not best or first < best) then best, best_lane = first, lane end
      end
    end
  end
  if not best then return false end
  local ticket = best:sub(17)
  local agent = agent_for(ticket, best_lane, groups)
  remove_ticket(ticket)
  remove_agent(agent)
  pair(ticket, agent)
  return true
end

if change == 'waits' then -- ticket, value, when it widens or '', agent or '', until
  local ticket, value = ARGV[4], ARGV[5]
  remove_ticket(ticket)
  if ARGV[7] ~= '' then call('ZADD', due, ARGV[8], 'b|' .. ticket .. '|' .. ARGV[7]) end
  local agent
  if not everything then
    local groups, total = groups_now()
    if total > 0 and (total > reserve or value:sub(20, 20) == 'b') then agent = agent_for(ticket, value:sub(1, 2), groups) end
  end
  if agent then
    remove_agent(agent)
    pair(ticket, agent)
  else
    add_ticket(ticket, value)
    if ARGV[6] ~= '' then call('ZADD', due, ARGV[6], 'r|' .. ticket) end
  end
elseif change == 'ready' then -- agent, value
  local agent, value = ARGV[4], ARGV[5]
  remove_agent(agent)
  -- With one more agent than are reserved, a ticket may go to any of them.
  everything = everything or reserve > 0
  local best
  if not everything then
    local function any() return true end
    local function allowed(ticket) return not is_barred(ticket, agent) end
    -- Refusals are rare: the first of all is looked at first, and only if it is barred is every lane gone through.
    for _, fits in ipairs({ any, allowed }) do
      best = nil
      for lane in value:sub(17):gmatch('%d%d') do
        local first = first_of(line, lane, fits)
        if first and (not best or first < best) then best = first end
      end
      if not best or allowed(best:sub(17)) then break end
    end
  end
  if best then
    remove_ticket(best:sub(17))
    pair(best:sub(17), agent)
  else
    add_agent(agent, value)
  end
elseif change == 'gone' then -- ticket
  remove_ticket(ARGV[4])
elseif change == 'away' then -- agent
  remove_agent(ARGV[4])
elseif change == 'reserve' then -- how many
  reserve = tonumber(ARGV[4])
  call('HSET', meta, 'reserve', ARGV[4])
end

if everything then
  while first_pair() do end
end
return found

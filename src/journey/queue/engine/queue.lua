-- Changes of the index, one after the other, each with every pair that fits then. Touches only the keys it is given; what they
-- hold stands in keys.rs, the rule in mod.rs. ARGV: eight per change: now, draw (0 for the longest idle), change, …
-- Answers {number of the change, ticket, agent, …}
--
-- What is read is remembered, and what is written is gathered and written at once, at the end or before it would be read.
local line, booked, tickets, ready, agents, profiles, due, bars, meta = unpack(KEYS)
local call, FIELDS = redis.call, 8
local count = #ARGV / FIELDS
local PAGE = 20

local state = call('HMGET', meta, 'generation', 'reserve')
if not state[1] then return redis.error_reply('LOST the index is gone') end
-- How many are kept for appointments, by lane; and of all lanes.
local reserves, reserved = {}, 0
for lane, agents in state[2]:gmatch('(%d%d):(%d+)') do
  reserves[lane] = tonumber(agents)
  reserved = reserved + reserves[lane]
end

-- Members to be written: score, or false for gone.
local unwritten = { [line] = {}, [booked] = {}, [ready] = {}, [due] = {}, [bars] = {} }
local is_dirty = {}
local function put(set, member, score)
  unwritten[set][member] = score
  is_dirty[set] = true
end

-- A command with its key that is sent when it is long, as Lua passes on only so many words at once.
local MOST = 2000
local function send(words)
  if #words > 2 then call(unpack(words)) end
  return { words[1], words[2] }
end

local function write(set)
  if not is_dirty[set] then return end
  local add, gone = { 'ZADD', set }, { 'ZREM', set }
  for member, score in pairs(unwritten[set]) do
    if score then
      add[#add + 1] = score
      add[#add + 1] = member
      if #add > MOST then add = send(add) end
    else
      gone[#gone + 1] = member
      if #gone > MOST then gone = send(gone) end
    end
  end
  send(gone)
  send(add)
  unwritten[set], is_dirty[set] = {}, nil
end

-- Values of the two hashes as they are now, false for none, and which of them are to be written.
local known, changed = { [tickets] = {}, [agents] = {} }, { [tickets] = {}, [agents] = {} }
local function value_of(hash, field)
  local value = known[hash][field]
  if value == nil then
    value = call('HGET', hash, field)
    known[hash][field] = value
  end
  return value
end
local function set_value(hash, field, value)
  known[hash][field] = value
  changed[hash][field] = true
end
local function write_values(hash)
  local set, gone = { 'HSET', hash }, { 'HDEL', hash }
  for field in pairs(changed[hash]) do
    local value = known[hash][field]
    if value then
      set[#set + 1] = field
      set[#set + 1] = value
      if #set > MOST then set = send(set) end
    else
      gone[#gone + 1] = field
      if #gone > MOST then gone = send(gone) end
    end
  end
  send(set)
  send(gone)
end

-- Everybody who is named is looked up at once.
if count > 1 then
  local named = { [tickets] = { 'HMGET', tickets }, [agents] = { 'HMGET', agents } }
  for at = 3, #ARGV, FIELDS do
    local change = ARGV[at]
    local hash = (change == 'waits' or change == 'gone') and tickets or (change == 'ready' or change == 'away') and agents
    if hash then named[hash][#named[hash] + 1] = ARGV[at + 1] end
  end
  for hash, asked in pairs(named) do
    if #asked > 2 then
      for at, value in ipairs(call(unpack(asked))) do known[hash][asked[at + 2]] = value end
    end
  end
end

-- The first members of each lane, read so many at once as there are changes.
local pages = { [line] = {}, [booked] = {} }
local function page_of(set, lane)
  local page = pages[set][lane]
  if page and (page.at <= #page or page.is_all) then return page end
  write(set)
  local size = math.min(PAGE, count)
  page = call('ZRANGEBYLEX', set, '[' .. lane .. '|', '(' .. lane .. '}', 'LIMIT', 0, size)
  page.at, page.is_all = 1, #page < size
  pages[set][lane] = page
  return page
end
local function add_member(set, member)
  put(set, member, 0)
  local lane = member:sub(1, 2)
  local page = pages[set][lane]
  if not page then return end
  if page.at > #page or member > page[#page] then
    if page.is_all then page[#page + 1] = member end
  else
    pages[set][lane] = nil
  end
end
local function remove_member(set, member)
  put(set, member, false)
  local lane = member:sub(1, 2)
  local page = pages[set][lane]
  if not page then return end
  if page[page.at] == member then
    page.at = page.at + 1
  elseif page.at <= #page and member <= page[#page] then
    pages[set][lane] = nil
  end
end

-- When something happens by itself next.
local next_due
local function soonest(set)
  local first = call('ZRANGE', set, 0, 0, 'WITHSCORES')
  return first[2] and tonumber(first[2]) or math.huge
end
local function put_due(set, member, at)
  put(set, member, at)
  if next_due then next_due = math.min(next_due, tonumber(at)) end
end

-- value: 'LL|PPPPPPPPPPPPPPP|' + 'b' or 'w' + the wider lane
local function add_ticket(ticket, value)
  set_value(tickets, ticket, value)
  local member = value:sub(1, 19) .. ticket
  add_member(line, member)
  if value:sub(20, 20) == 'b' then add_member(booked, member) end
end

local function remove_ticket(ticket)
  local value = value_of(tickets, ticket)
  if not value then return nil end
  set_value(tickets, ticket, false)
  local member = value:sub(1, 19) .. ticket
  remove_member(line, member)
  if value:sub(20, 20) == 'b' then remove_member(booked, member) end
  if #value > 20 then put(due, 'r|' .. ticket, false) end
  return value
end

-- How many are ready, by the lanes they serve; read when first needed.
local groups, total, regrouped
-- Which of them are kept for appointments, as far as was asked since they changed.
local kept = {}
local function count_groups()
  if groups then return end
  groups, total, regrouped = {}, 0, {}
  local flat = call('HGETALL', profiles)
  for at = 1, #flat, 2 do
    groups[flat[at]] = tonumber(flat[at + 1])
    total = total + groups[flat[at]]
  end
end
local function regroup(lanes, by)
  count_groups()
  local left = (groups[lanes] or 0) + by
  groups[lanes], total, regrouped[lanes] = left > 0 and left or nil, total + by, true
  kept = {}
end

-- How many are ready who serve any lane of `among`.
local function ready_in(among)
  local count = 0
  for lanes, agents in pairs(groups) do
    for lane in pairs(among) do
      if lanes:find(lane .. ',', 1, true) then count = count + agents break end
    end
  end
  return count
end
local function is_kept(lanes)
  if reserved == 0 then return false end
  if kept[lanes] == nil then
    local is_short = false
    for lane, agents in pairs(reserves) do
      if lanes:find(lane .. ',', 1, true) then
        is_short = is_short or ready_in(reserves) <= reserved or ready_in({ [lane] = true }) <= agents
      end
    end
    kept[lanes] = is_short
  end
  return kept[lanes]
end

-- value: 'SSSSSSSSSSSSSSS|' + lanes
local function add_agent(agent, value)
  set_value(agents, agent, value)
  local lanes = value:sub(17)
  put(ready, lanes .. '|' .. value:sub(1, 16) .. agent, 0)
  regroup(lanes, 1)
end

local function remove_agent(agent)
  local value = value_of(agents, agent)
  if not value then return end
  set_value(agents, agent, false)
  local lanes = value:sub(17)
  put(ready, lanes .. '|' .. value:sub(1, 16) .. agent, false)
  regroup(lanes, -1)
end

-- Whether anybody refused anything lately; nobody is asked for one by one if not.
local has_bars
local function is_barred(ticket, agent)
  local pair = ticket .. '|' .. agent
  local fresh = unwritten[bars][pair]
  if fresh ~= nil then return fresh end
  if has_bars == nil then has_bars = call('ZCARD', bars) > 0 end
  return has_bars and call('ZSCORE', bars, pair)
end
local function bar(ticket, agent, till)
  put_due(bars, ticket .. '|' .. agent, till)
  has_bars = true
end

-- The first member of a lane for which `fits(ticket)`; as 'PPPPPPPPPPPPPPP|ticket'.
local function first_of(set, lane, fits)
  local page = page_of(set, lane)
  for at = page.at, #page do
    if fits(page[at]:sub(20)) then return page[at]:sub(4) end
  end
  if page.is_all then return nil end
  write(set)
  local last, more = page[#page], true
  while more do
    local further = call('ZRANGEBYLEX', set, '(' .. last, '(' .. lane .. '}', 'LIMIT', 0, PAGE)
    for _, member in ipairs(further) do
      if fits(member:sub(20)) then return member:sub(4) end
    end
    last, more = further[#further], #further == PAGE
  end
  return nil
end

-- Ready agents who may be offered a ticket, booked or not: calls `take('since|agent')`, which answers whether the group has more to say.
local function each_agent(ticket, lane, is_booked, take)
  write(ready)
  for lanes in pairs(groups) do
    if lanes:find(lane .. ',', 1, true) and (is_booked or not is_kept(lanes)) then
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

local draw, found, number = 0, {}, 0
local function agent_for(ticket, lane, is_booked)
  local best, all = nil, {}
  each_agent(ticket, lane, is_booked, function(who)
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

local function pair(ticket, agent)
  found[#found + 1] = number
  found[#found + 1] = ticket
  found[#found + 1] = agent
  draw = draw * 16807 % 2147483647
end

-- Where nobody is kept it makes no difference.
local function is_booked(ticket)
  return reserved == 0 or value_of(tickets, ticket):sub(20, 20) == 'b'
end

local function first_pair()
  count_groups()
  if total == 0 then return false end
  -- The lanes that are served, and whether by anybody who is free for everybody; where all are kept, only appointments are looked at.
  local served, best, best_lane = {}, nil, nil
  for lanes in pairs(groups) do
    local is_free = not is_kept(lanes)
    for lane in lanes:gmatch('%d%d') do served[lane] = served[lane] or is_free end
  end
  for lane, is_free in pairs(served) do
    local first = first_of(is_free and line or booked, lane, function(ticket)
      local any = false
      each_agent(ticket, lane, is_booked(ticket), function() any = true return false end)
      return any
    end)
    if first and (not best or first < best) then best, best_lane = first, lane end
  end
  if not best then return false end
  local ticket = best:sub(17)
  local agent = agent_for(ticket, best_lane, is_booked(ticket))
  remove_ticket(ticket)
  remove_agent(agent)
  pair(ticket, agent)
  return true
end

-- Ends refusals and widens lanes whose time has come; whether there were any.
local function let_happen(now)
  if not next_due then next_due = math.min(soonest(due), soonest(bars)) end
  if now < next_due then return false end
  write(due)
  write(bars)
  local happened = false
  for _, refusal in ipairs(call('ZRANGEBYSCORE', bars, '-inf', now)) do
    happened = true
    put(bars, refusal, false)
  end
  for _, what in ipairs(call('ZRANGEBYSCORE', due, '-inf', now)) do
    happened = true
    put(due, what, false)
    local ticket = what:sub(3)
    local value = remove_ticket(ticket)
    if value then add_ticket(ticket, value:sub(21, 22) .. value:sub(3, 20)) end
  end
  write(due)
  write(bars)
  next_due = math.min(soonest(due), soonest(bars))
  return happened
end

local do_change = {
  -- ticket, value, when it widens or '', agent or '', until
  waits = function(everything, ticket, value, widens, agent, till)
    remove_ticket(ticket)
    if agent ~= '' then bar(ticket, agent, till) end
    local taker
    if not everything then
      count_groups()
      if total > 0 then taker = agent_for(ticket, value:sub(1, 2), value:sub(20, 20) == 'b') end
    end
    if taker then
      remove_agent(taker)
      pair(ticket, taker)
    else
      add_ticket(ticket, value)
      if widens ~= '' then put_due(due, 'r|' .. ticket, widens) end
    end
    return everything
  end,
  -- agent, value
  ready = function(everything, agent, value)
    remove_agent(agent)
    -- With one more agent than are reserved, a ticket may go to any of them.
    everything = everything or reserved > 0
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
    return everything
  end,
  gone = function(everything, ticket) remove_ticket(ticket) return everything end,
  away = function(everything, agent) remove_agent(agent) return everything end,
  reserve = function(_, lane, agents)
    reserved = reserved - (reserves[lane] or 0) + tonumber(agents)
    reserves[lane] = tonumber(agents) > 0 and tonumber(agents) or nil
    kept = {}
    local named = {}
    for named_lane, many in pairs(reserves) do named[#named + 1] = named_lane .. ':' .. many .. ',' end
    call('HSET', meta, 'reserve', table.concat(named))
    return true
  end,
  time = function() return true end,
}

for at = 1, #ARGV, FIELDS do
  number = (at - 1) / FIELDS
  draw = tonumber(ARGV[at + 1])
  local everything = let_happen(tonumber(ARGV[at]))
  everything = do_change[ARGV[at + 2]](everything, ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], ARGV[at + 6], ARGV[at + 7])
  if everything then
    while first_pair() do end
  end
end

for _, set in ipairs({ line, booked, ready, due, bars }) do write(set) end
write_values(tickets)
write_values(agents)
for lanes in pairs(regrouped or {}) do
  if groups[lanes] then call('HSET', profiles, lanes, groups[lanes]) else call('HDEL', profiles, lanes) end
end
return found

-- SPDX-License-Identifier: GPL-2.0
--
-- Wireshark's view of what ../wire.rst describes: the TCP option, and the record
-- with disconnect data at the end of a stream.
--
--	tshark -X lua_script:wsp.lua -r FILE -Y wsp_tcp
--
-- or copy it to Wireshark's personal plugin directory.  The tags are taken from
-- the options of the same capture.  A post-dissector: TCP's own view stays as it is.

-- "wsp" is the Wireless Session Protocol's, which has other fields.
local wsp = Proto("wsp_tcp", "Disconnect data for TCP (wsp)")

local OPT_KIND, OPT_LEN, OPT_EXID = 254, 8, 0x5753
local HEADER, FOOTER, MAX_DATA = 16, 4, 4096
local FIN, SYN, ACK, URG = 0x01, 0x02, 0x10, 0x20

local BAD, GOOD, UNKNOWN = 0, 1, 2
local MAC_STATUS = { [BAD] = "Bad", [GOOD] = "Good", [UNKNOWN] = "Unverified, tag unknown" }
local PLAIN, BOTH, NO_URG = 0, 1, 2
local NEGOTIATED = {
	[PLAIN] = "Not by the client: the SYN-ACK has no option",
	[BOTH] = "By both sides",
	[NO_URG] = "No: the path lost the urgent flag of the SYN",
}
local MARK, TAIL = 1, 2
local FOUND_BY = { [MARK] = "Urgent mark", [TAIL] = "Footer, at the end of the stream" }

local f = {
	tag = ProtoField.uint32("wsp.tag", "Tag", base.HEX, nil, nil,
				"What identifies the sender of the option"),
	urg = ProtoField.bool("wsp.tag.urg", "URG report", 32, nil, 1,
			      "SYN: URG was set. SYN-ACK: URG came"),
	negotiated = ProtoField.uint8("wsp.negotiated", "Disconnect data can be sent", base.DEC,
				      NEGOTIATED, nil, "By what was captured at this place"),
	record = ProtoField.bytes("wsp.record", "Record"),
	found = ProtoField.uint8("wsp.record.found", "Found by", base.DEC, FOUND_BY),
	magic = ProtoField.uint16("wsp.magic", "Magic", base.HEX),
	length = ProtoField.uint16("wsp.length", "Length", base.DEC),
	oob_byte = ProtoField.uint8("wsp.oob.byte", "OOB byte", base.HEX),
	oob_back = ProtoField.uint24("wsp.oob.back", "OOB back", base.DEC),
	mac = ProtoField.uint64("wsp.mac", "MAC", base.HEX),
	status = ProtoField.uint8("wsp.mac.status", "MAC status", base.DEC, MAC_STATUS),
	key = ProtoField.uint32("wsp.mac.tag", "Receiver's tag", base.HEX),
	key_frame = ProtoField.framenum("wsp.mac.tag_frame", "Receiver's option in frame"),
	data = ProtoField.bytes("wsp.data", "Data"),
	text = ProtoField.string("wsp.text", "Text"),
	foot_magic = ProtoField.uint16("wsp.footer.magic", "Footer: magic", base.HEX),
	foot_length = ProtoField.uint16("wsp.footer.length", "Footer: length", base.DEC),
}
wsp.fields = f

local e = {
	tag_zero = ProtoExpert.new("wsp.tag.zero", "Tag 0 counts as no option",
				   expert.group.PROTOCOL, expert.severity.WARN),
	urg_lost = ProtoExpert.new("wsp.urg.lost", "The urgent flag of the SYN was cleared",
				   expert.group.PROTOCOL, expert.severity.WARN),
	bad_mac = ProtoExpert.new("wsp.mac.bad",
				  "The MAC does not hold: these are bytes of the application",
				  expert.group.CHECKSUM, expert.severity.WARN),
	too_long = ProtoExpert.new("wsp.length.bad",
				   "Over 4096: these are bytes of the application",
				   expert.group.PROTOCOL, expert.severity.WARN),
	foot_bad = ProtoExpert.new("wsp.footer.bad", "The footer differs from the header",
				   expert.group.PROTOCOL, expert.severity.NOTE),
	cut_short = ProtoExpert.new("wsp.record.cut", "The rest is not in this segment",
				    expert.group.UNDECODED, expert.severity.NOTE),
}
wsp.experts = { e.tag_zero, e.urg_lost, e.bad_mac, e.too_long, e.foot_bad, e.cut_short }

local get_tcp = Field.new("tcp")
local get_stream = Field.new("tcp.stream")
local get_payload = Field.new("tcp.payload")
local get_icmp = Field.new("icmp")
local get_icmpv6 = Field.new("icmpv6")

-- By tcp.stream: { tags = { [sender] = { value, frame } }, syn = tag or nil,
-- marks = { [sender] = what collect() keeps } }
local streams = {}
-- By frame: { by = how it was found, at = offset in the payload, or raw = its bytes,
-- which came in several frames }
local records = {}

function wsp.init()
	streams = {}
	records = {}
end

-- SipHash-2-4 of one 64-bit number, keyed by a tag; UInt64 takes (low, high).
local function siphash(tag, number)
	local k0, k1 = UInt64.new(tag, tag), UInt64.new(0x64697363, 0x7773702d)
	local v0 = k0:bxor(UInt64.new(0x70736575, 0x736f6d65))
	local v1 = k1:bxor(UInt64.new(0x6e646f6d, 0x646f7261))
	local v2 = k0:bxor(UInt64.new(0x6e657261, 0x6c796765))
	local v3 = k1:bxor(UInt64.new(0x79746573, 0x74656462))

	local function rounds(n)
		for _ = 1, n do
			v0 = v0 + v1
			v2 = v2 + v3
			v1 = v1:rol(13):bxor(v0)
			v3 = v3:rol(16):bxor(v2)
			v0 = v0:rol(32)
			v2 = v2 + v1
			v0 = v0 + v3
			v1 = v1:rol(17):bxor(v2)
			v3 = v3:rol(21):bxor(v0)
			v2 = v2:rol(32)
		end
	end

	-- The last word is the length, 8, in its highest byte.
	for _, word in ipairs({ number, UInt64.new(0, 0x08000000) }) do
		v3 = v3:bxor(word)
		rounds(2)
		v0 = v0:bxor(word)
	end
	v2 = v2:bxor(UInt64.new(0xff, 0))
	rounds(4)
	return v0:bxor(v1):bxor(v2):bxor(v3)
end

-- Both are exact in a double.
local function tag_magic(tag)
	local high, low = math.floor(tag / 0x10000), tag % 0x10000
	local magic = 0

	for bit = 0, 15 do
		local unit = 2 ^ bit

		if math.floor(high / unit) % 2 ~= math.floor(low / unit) % 2 then
			magic = magic + unit
		end
	end
	return magic
end

local function has(flags, bit)
	return math.floor(flags / bit) % 2 == 1
end

-- Printable ASCII; anything else as wspctl shows it.
local function printable(raw)
	return (raw:gsub("[^\32-\126]", function(c)
		return string.format("\\x%02x", c:byte())
	end))
end

-- The TCP header of the frame, by its bytes, and what follows it; nil without one.
-- A header quoted by an ICMP error is no segment.
local function tcp_segment(pinfo)
	local tcp, stream, payload = { get_tcp() }, { get_stream() }, { get_payload() }
	local head = #tcp > 0 and #stream > 0 and tcp[#tcp].range
	local seg

	if not head or head:len() < 20 or get_icmp() or get_icmpv6() then
		return nil
	end
	seg = {
		head = head,
		stream = stream[#stream].value,
		from = tostring(pinfo.src) .. " " .. head(0, 2):uint(),
		to = tostring(pinfo.dst) .. " " .. head(2, 2):uint(),
		seq = head(4, 4):uint(),
		flags = head(13, 1):uint(),
		urg_ptr = head(18, 2):uint(),
	}
	seg.options = math.min(math.floor(head(12, 1):uint() / 16) * 4, head:len())
	payload = payload[#payload]
	payload = payload and payload.range
	-- Of an outer segment, in a tunnel, and the inner one is empty.
	if payload and payload:len() > 0 and payload:offset() >= head:offset() + seg.options then
		seg.payload = payload
	end
	return seg
end

-- The first option of ours: 8 bytes; nil if there is none.
local function find_option(seg)
	local at = 20

	while at + 1 < seg.options do
		local kind, len = seg.head(at, 1):uint(), seg.head(at + 1, 1):uint()

		if kind == 0 then
			return nil
		elseif kind == 1 then
			at = at + 1
		elseif len < 2 or at + len > seg.options then
			return nil
		elseif kind == OPT_KIND and len == OPT_LEN and
		       seg.head(at + 2, 2):uint() == OPT_EXID then
			return seg.head(at, OPT_LEN)
		else
			at = at + len
		end
	end
	return nil
end

local function show_option(tree, seg, option, conn)
	local range = option(4, 4)
	local tag = range:uint()
	local sub = tree:add(wsp, option, "TCP option of wsp")
	local item, report

	sub:append_text(string.format(", tag 0x%08x", tag))
	item = sub:add(f.tag, range)
	if tag == 0 then
		item:add_proto_expert_info(e.tag_zero)
	end
	item = sub:add(f.urg, range)
	report = tag % 2 == 1
	if has(seg.flags, ACK) then
		item:append_text(report and " (URG of the SYN came)" or " (no URG came)")
		if conn.syn and conn.syn % 2 == 1 and not report then
			item:add_proto_expert_info(e.urg_lost)
		end
	else
		item:append_text(report and " (URG is set)" or " (URG was not set)")
		if report and not has(seg.flags, URG) then
			item:add_proto_expert_info(e.urg_lost)
		end
	end
	return sub
end

-- What the SYN-ACK settled, as far as this capture tells.
local function negotiated(conn, tag)
	if not tag then
		return PLAIN
	elseif conn.syn % 2 == 1 and tag % 2 == 0 then
		return NO_URG
	end
	return BOTH
end

local function dissect_handshake(tree, pinfo, seg, conn)
	local option = find_option(seg)
	local tag = option and option(4, 4):uint()

	if tag == 0 then
		tag = nil
	end
	if not has(seg.flags, ACK) and not pinfo.visited then
		conn.syn = tag or conn.syn
	end
	if tag and not pinfo.visited then
		conn.tags[seg.from] = { value = tag, frame = pinfo.number }
	end
	if option then
		tree = show_option(tree, seg, option, conn)
		pinfo.cols.info:append(string.format(" wsp tag=0x%08x", option(4, 4):uint()))
	end
	if has(seg.flags, ACK) and conn.syn then
		if not option then
			tree = tree:add(wsp, seg.head, "wsp: the server did not answer the option")
		end
		tree:add(f.negotiated, negotiated(conn, tag)):set_generated()
	end
end

-- What a header says: length, status; nil where it is none.  @tag may be unknown.
local function header_holds(range, tag)
	local magic, length = range(0, 2):uint(), range(2, 2):uint()

	if not tag then
		return length, length <= MAX_DATA and UNKNOWN or BAD
	elseif magic ~= tag_magic(tag) then
		return nil
	elseif siphash(tag, range(0, 8):uint64()) ~= range(8, 8):uint64() then
		return length, BAD
	end
	return length, length <= MAX_DATA and GOOD or BAD
end

local function same_ends(range, length)
	return range(0, 4):uint() == range(HEADER + length, 4):uint()
end

local function show_mac(tree, range, status, tag)
	local item = tree:add(f.mac, range(8, 8))

	if status == BAD then
		item:add_proto_expert_info(range(2, 2):uint() > MAX_DATA and e.too_long or e.bad_mac)
	end
	tree:add(f.status, status):set_generated()
	if tag then
		tree:add(f.key, tag.value):set_generated()
		tree:add(f.key_frame, tag.frame):set_generated()
	end
end

-- @range begins at the header, and may end before the record does.
local function show_record(tree, pinfo, range, found, tag)
	local length, status = header_holds(range, tag and tag.value)
	local total = HEADER + length + FOOTER
	local bad = status == BAD
	local sub = tree:add(wsp, range(0, math.min(bad and HEADER or total, range:len())),
			     bad and "No record of wsp, though its magic" or "Record of wsp")

	sub:add(f.found, found):set_generated()
	sub:add(f.magic, range(0, 2))
	sub:add(f.length, range(2, 2))
	sub:add(f.oob_byte, range(4, 1))
	sub:add(f.oob_back, range(5, 3))
	show_mac(sub, range, status, tag)
	if bad then
		return
	elseif range:len() < total then
		sub:add_proto_expert_info(e.cut_short)
		pinfo.cols.info:append(string.format(" wsp record, %u bytes", length))
		return
	end
	sub:append_text(string.format(", %u bytes", length))
	sub:add(f.record, range(0, total))
	if length > 0 then
		local text = printable(range:raw(HEADER, length))

		sub:add(f.data, range(HEADER, length))
		sub:add(f.text, range(HEADER, length), text)
		pinfo.cols.info:append(' wsp "' .. text:sub(1, 60) .. '"')
	else
		pinfo.cols.info:append(" wsp record without data")
	end
	sub:add(f.foot_magic, range(HEADER + length, 2))
	local item = sub:add(f.foot_length, range(HEADER + length + 2, 2))
	if not same_ends(range, length) then
		item:add_proto_expert_info(e.foot_bad)
	end
end

-- The record is being put together: @mark has the bytes from the mark on that came,
-- @mark.parts those that came early, by their distance from it.
local function collect(mark, seg)
	local at = (seg.seq - mark.seq) % 2 ^ 32
	local raw = seg.payload:raw()
	local more = true

	if at >= 2 ^ 31 then
		-- The segment begins before the mark.
		raw = raw:sub(2 ^ 32 - at + 1)
		at = 0
	end
	if #raw > 0 and at < HEADER + MAX_DATA + FOOTER then
		mark.parts[at] = #(mark.parts[at] or "") > #raw and mark.parts[at] or raw
	end
	while more do
		more = false
		for from, part in pairs(mark.parts) do
			if from <= #mark.bytes and from + #part > #mark.bytes then
				mark.bytes = mark.bytes .. part:sub(#mark.bytes - from + 1)
				more = true
			end
		end
	end
	return mark.bytes
end

local function tvb_of(raw, name)
	return ByteArray.new(raw, true):tvb(name):range()
end

-- Whether the bytes from the mark on are a record: false if they are none, nil as
-- long as it takes more of them to tell. With a tag a header is enough.
local function is_record(range, tag)
	local length, status

	if range:len() < HEADER then
		return nil
	end
	length, status = header_holds(range, tag)
	if tag then
		-- With the magic of one, it is shown whatever the MAC.
		return length ~= nil
	elseif status == BAD then
		return false
	elseif range:len() < HEADER + length + FOOTER then
		return nil
	end
	return same_ends(range, length)
end

local function is_whole(range)
	return range:len() >= HEADER + range(2, 2):uint() + FOOTER
end

-- Where the payload has the mark's byte, if it does.
local function mark_in(seg, conn)
	local mark = conn.marks[seg.from]
	local seq, at

	if has(seg.flags, URG) and seg.urg_ptr > 0 then
		seq = (seg.seq + seg.urg_ptr - 1) % 2 ^ 32
		if not mark or mark.seq ~= seq then
			mark = { seq = seq, bytes = "", parts = {} }
			conn.marks[seg.from] = mark
		end
	end
	at = mark and (mark.seq - seg.seq) % 2 ^ 32
	return mark, at and at < seg.payload:len() and at
end

-- A record at an urgent mark, in this segment or complete with this segment.
local function find_at_mark(seg, conn, tag)
	local mark, at = mark_in(seg, conn)
	local range, found

	if not mark then
		return nil
	end
	if at then
		range = seg.payload(at, seg.payload:len() - at)
		found = is_record(range, tag)
		if found == false or (found and is_whole(range)) then
			mark.done = true
			return found and { at = at, by = MARK } or nil
		end
	elseif mark.done then
		return nil
	end
	range = collect(mark, seg)
	range = #range > 0 and tvb_of(range, "wsp: from the urgent mark on")
	if range and not mark.done and is_record(range, tag) and is_whole(range) then
		mark.done = true
		return { raw = mark.bytes, by = MARK }
	end
	return found and { at = at, by = MARK } or nil
end

-- The footer at the end of a segment with FIN leads to the header; the tag has to
-- be known.
local function find_at_tail(seg, tag)
	local len = seg.payload:len()
	local at, range, length, status

	if not tag or not has(seg.flags, FIN) or len < HEADER + FOOTER then
		return nil
	end
	at = len - (HEADER + seg.payload(len - 2, 2):uint() + FOOTER)
	if at < 0 or seg.payload(len - 4, 2):uint() ~= tag_magic(tag) then
		return nil
	end
	range = seg.payload(at, len - at)
	length, status = header_holds(range, tag)
	if status ~= GOOD or HEADER + length + FOOTER ~= len - at or not same_ends(range, length) then
		return nil
	end
	return { at = at, by = TAIL }
end

-- Frames are looked at in order only once; what was found then is kept.
local function dissect_end(tree, pinfo, seg, conn)
	local tag = conn.tags[seg.to]
	local value = tag and tag.value
	local record

	if not pinfo.visited then
		records[pinfo.number] = find_at_mark(seg, conn, value) or find_at_tail(seg, value)
	end
	record = records[pinfo.number]
	if record and record.raw then
		show_record(tree, pinfo, tvb_of(record.raw, "wsp record"), record.by, tag)
	elseif record and record.at < seg.payload:len() then
		show_record(tree, pinfo, seg.payload(record.at, seg.payload:len() - record.at),
			    record.by, tag)
	end
end

function wsp.dissector(_, pinfo, tree)
	local seg = tcp_segment(pinfo)
	local conn

	if not seg then
		return
	end
	conn = streams[seg.stream]
	if not conn then
		conn = { tags = {}, marks = {} }
		streams[seg.stream] = conn
	end
	if has(seg.flags, SYN) then
		dissect_handshake(tree, pinfo, seg, conn)
	elseif seg.payload then
		dissect_end(tree, pinfo, seg, conn)
	end
end

register_postdissector(wsp)

-- trace_parent: W3C trace context of the request that the message came with; NULL where there was none.
ALTER TABLE messages
  ADD COLUMN trace_parent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL

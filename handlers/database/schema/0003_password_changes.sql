-- change_id: the publisher's id, so that every redelivery meets the unique key.
-- changed_at: when the new password was stored, UTC.
-- source_ip: IPv4 or IPv6 as text, 45 characters at most.
-- trace_parent: W3C trace context of the request; NULL where there was none.
CREATE TABLE password_changes (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  change_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  source_ip VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  user_agent VARCHAR(256) NOT NULL,
  trace_parent VARCHAR(55) CHARACTER SET ascii COLLATE ascii_bin NULL,
  PRIMARY KEY (id),
  UNIQUE KEY password_changes_change_id (change_id),
  KEY password_changes_newest (user_id, changed_at, change_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

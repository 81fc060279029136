-- message_id: the producer's id, so that every redelivery meets the unique key.
-- message: up to 256 KiB, for which TEXT is too small.
-- created_at: when the message was accepted, UTC.
CREATE TABLE messages (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  message_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  message MEDIUMTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY messages_message_id (message_id),
  KEY messages_newest (created_at, message_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin

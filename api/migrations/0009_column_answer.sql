CREATE TABLE `column_answer` (
	`incident` text PRIMARY KEY NOT NULL,
	`asked_at` integer NOT NULL,
	`until` integer NOT NULL,
	`body` text,
	`failure` text
);

CREATE TABLE `claim` (
	`series` integer PRIMARY KEY NOT NULL,
	`owner` text NOT NULL,
	`until` integer NOT NULL
);

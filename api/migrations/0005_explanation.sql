CREATE TABLE `explanation` (
	`incident` text PRIMARY KEY NOT NULL,
	`until` integer NOT NULL,
	`corrections` integer NOT NULL,
	`at` integer NOT NULL,
	`first_money` integer,
	`body` text,
	`reason` text
);

CREATE TABLE `recount` (
	`series` integer PRIMARY KEY NOT NULL,
	`bucket` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `__new_verdict` (
	`series` integer NOT NULL,
	`bucket` integer NOT NULL,
	`detector` text NOT NULL,
	`direction` text,
	`score` real NOT NULL,
	`severity` text,
	`alarm` text,
	`observed` real NOT NULL,
	`expected` real NOT NULL,
	`cause` text,
	`cause_value` text,
	`window` integer DEFAULT 1 NOT NULL,
	`origin` integer,
	`lower` real,
	`upper` real,
	`coverage` real,
	`judged_at` integer NOT NULL,
	PRIMARY KEY(`series`, `bucket`, `detector`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_verdict` (`series`, `bucket`, `detector`, `direction`, `score`, `severity`, `alarm`, `observed`, `expected`, `origin`, `lower`, `upper`, `coverage`, `judged_at`)
	SELECT `series`, `bucket`, 'band', `direction`, `score`, `severity`, `alarm`, `actual`, `median`, `origin`, `lower`, `upper`, `coverage`, `judged_at` FROM `verdict`;--> statement-breakpoint
DROP TABLE `verdict`;--> statement-breakpoint
ALTER TABLE `__new_verdict` RENAME TO `verdict`;--> statement-breakpoint
ALTER TABLE `incident` ADD `withdrawn_at` integer;--> statement-breakpoint
ALTER TABLE `incident` ADD `withdrawn_because` text;--> statement-breakpoint
ALTER TABLE `storm` ADD `withdrawn_at` integer;--> statement-breakpoint
ALTER TABLE `storm` ADD `withdrawn_because` text;--> statement-breakpoint
UPDATE `incident` SET `raised` = `start` WHERE `raised` IS NULL;

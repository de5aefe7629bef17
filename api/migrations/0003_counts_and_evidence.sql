ALTER TABLE `actual` ADD `counts` text;--> statement-breakpoint
ALTER TABLE `series` ADD `counted_from` integer;--> statement-breakpoint
ALTER TABLE `series` ADD `counted_to` integer;--> statement-breakpoint
ALTER TABLE `series` ADD `outage_noticed` real;--> statement-breakpoint
ALTER TABLE `series` ADD `outage_noticed_at_worst` real;--> statement-breakpoint
CREATE TABLE `part` (
	`key` integer PRIMARY KEY NOT NULL,
	`dimension` text NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `part_value` ON `part` (`dimension`,`value`);--> statement-breakpoint
CREATE TABLE `series_part` (
	`series` integer NOT NULL,
	`part` integer NOT NULL,
	PRIMARY KEY(`series`, `part`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `watch` (
	`series` integer NOT NULL,
	`origin` integer NOT NULL,
	`state` text NOT NULL,
	PRIMARY KEY(`series`, `origin`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `incident_book` (
	`id` integer PRIMARY KEY NOT NULL,
	`bucket` integer NOT NULL,
	`state` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `storm` (
	`id` text PRIMARY KEY NOT NULL,
	`cause` text NOT NULL,
	`start` integer NOT NULL,
	`end` integer NOT NULL,
	`status` text NOT NULL,
	`members` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `incident` ADD `raised` integer;--> statement-breakpoint
ALTER TABLE `incident` ADD `detector` text DEFAULT 'band' NOT NULL;--> statement-breakpoint
ALTER TABLE `incident` ADD `cause` text;--> statement-breakpoint
ALTER TABLE `incident` ADD `cause_value` text;--> statement-breakpoint
ALTER TABLE `incident` ADD `strength` real;--> statement-breakpoint
ALTER TABLE `incident` ADD `observed` real;--> statement-breakpoint
ALTER TABLE `incident` ADD `expected` real;--> statement-breakpoint
ALTER TABLE `incident` ADD `window` integer;--> statement-breakpoint
ALTER TABLE `incident` ADD `storm` text;

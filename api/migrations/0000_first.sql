CREATE TABLE `actual` (
	`series` integer NOT NULL,
	`bucket` integer NOT NULL,
	`value` real,
	`state` text NOT NULL,
	`known_at` integer NOT NULL,
	PRIMARY KEY(`series`, `bucket`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `change` (
	`id` integer PRIMARY KEY NOT NULL,
	`series` integer NOT NULL,
	`bucket` integer NOT NULL,
	`at` integer NOT NULL,
	`subject` text NOT NULL,
	`before` text NOT NULL,
	`after` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `change_series_bucket` ON `change` (`series`,`bucket`);--> statement-breakpoint
CREATE TABLE `cycle` (
	`id` integer PRIMARY KEY NOT NULL,
	`trigger` text NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`series` integer DEFAULT 0 NOT NULL,
	`bands` integer DEFAULT 0 NOT NULL,
	`verdicts` integer DEFAULT 0 NOT NULL,
	`error` text
);
--> statement-breakpoint
CREATE INDEX `cycle_started` ON `cycle` (`started_at`);--> statement-breakpoint
CREATE TABLE `delivery` (
	`id` text PRIMARY KEY NOT NULL,
	`webhook` text NOT NULL,
	`event` text NOT NULL,
	`incident` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_at` integer,
	`delivered_at` integer,
	`error` text
);
--> statement-breakpoint
CREATE INDEX `delivery_next` ON `delivery` (`next_at`);--> statement-breakpoint
CREATE TABLE `go_live` (
	`id` integer PRIMARY KEY NOT NULL,
	`model` integer NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `incident` (
	`id` text PRIMARY KEY NOT NULL,
	`series` integer NOT NULL,
	`direction` text NOT NULL,
	`start` integer NOT NULL,
	`end` integer NOT NULL,
	`status` text NOT NULL,
	`severity` text NOT NULL,
	`score` real NOT NULL,
	`volume` real NOT NULL,
	`buckets` integer NOT NULL,
	`opened_at` integer NOT NULL,
	`closed_at` integer,
	`acknowledged_at` integer,
	`acknowledged_by` text,
	`label` text,
	`labelled_at` integer,
	`labelled_by` text,
	`note` text
);
--> statement-breakpoint
CREATE INDEX `incident_start` ON `incident` (`start`);--> statement-breakpoint
CREATE INDEX `incident_series` ON `incident` (`series`,`start`);--> statement-breakpoint
CREATE TABLE `issue` (
	`series` integer NOT NULL,
	`origin` integer NOT NULL,
	`model` integer NOT NULL,
	`served_by` text NOT NULL,
	`issued_at` integer NOT NULL,
	`near` text NOT NULL,
	`far` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `issue_series_origin` ON `issue` (`series`,`origin`);--> statement-breakpoint
CREATE TABLE `maintenance` (
	`id` text PRIMARY KEY NOT NULL,
	`series` text,
	`from_ms` integer NOT NULL,
	`to_ms` integer NOT NULL,
	`effect` text NOT NULL,
	`factor` real NOT NULL,
	`reason` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `model` (
	`key` integer PRIMARY KEY NOT NULL,
	`version` text NOT NULL,
	`published_at` integer NOT NULL,
	`parts` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `model_version` ON `model` (`version`);--> statement-breakpoint
CREATE TABLE `model_part` (
	`model` integer NOT NULL,
	`part` integer NOT NULL,
	`text` text NOT NULL,
	PRIMARY KEY(`model`, `part`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `pending` (
	`series` integer NOT NULL,
	`bucket` integer NOT NULL,
	PRIMARY KEY(`series`, `bucket`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `series` (
	`key` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`measure` text NOT NULL,
	`members` text,
	`first_bucket` integer NOT NULL,
	`newest_bucket` integer NOT NULL,
	`score_from` integer,
	`origin` integer,
	`corrections` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `series_id` ON `series` (`id`);--> statement-breakpoint
CREATE TABLE `setting` (
	`name` text PRIMARY KEY NOT NULL,
	`value` integer NOT NULL,
	`holder` text
);
--> statement-breakpoint
CREATE TABLE `snapshot` (
	`series` integer NOT NULL,
	`origin` integer NOT NULL,
	`model` integer NOT NULL,
	`state` text NOT NULL,
	PRIMARY KEY(`series`, `origin`)
);
--> statement-breakpoint
CREATE TABLE `verdict` (
	`series` integer NOT NULL,
	`bucket` integer NOT NULL,
	`origin` integer NOT NULL,
	`actual` real NOT NULL,
	`median` real NOT NULL,
	`lower` real NOT NULL,
	`upper` real NOT NULL,
	`coverage` real NOT NULL,
	`score` real NOT NULL,
	`direction` text,
	`severity` text,
	`alarm` text,
	`judged_at` integer NOT NULL,
	PRIMARY KEY(`series`, `bucket`)
) WITHOUT ROWID;--> statement-breakpoint
INSERT INTO `setting` (`name`, `value`) VALUES ('revision', 0), ('lease', 0);

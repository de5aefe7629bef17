-- A state of 25 KB in the key's own tree is read whole by every comparison of a search: ten of them for each series.
CREATE TABLE `__new_watch` (
	`series` integer NOT NULL,
	`origin` integer NOT NULL,
	`state` text NOT NULL,
	PRIMARY KEY(`series`, `origin`)
);
--> statement-breakpoint
INSERT INTO `__new_watch` (`series`, `origin`, `state`) SELECT `series`, `origin`, `state` FROM `watch`;--> statement-breakpoint
DROP TABLE `watch`;--> statement-breakpoint
ALTER TABLE `__new_watch` RENAME TO `watch`;

ALTER TABLE `storm` ADD `severity` text DEFAULT 'warning' NOT NULL;--> statement-breakpoint
ALTER TABLE `storm` ADD `watched` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `storm` ADD `observed` real DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `storm` ADD `expected` real DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `storm_start` ON `storm` (`start`);--> statement-breakpoint
CREATE INDEX `incident_storm` ON `incident` (`storm`);
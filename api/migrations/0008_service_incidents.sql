CREATE TABLE `service_incident` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`severity` text NOT NULL,
	`opened_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	`closed_at` integer,
	`facts` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `service_incident_open` ON `service_incident` (`kind`,`subject`) WHERE closed_at IS NULL;--> statement-breakpoint
CREATE INDEX `service_incident_opened` ON `service_incident` (`opened_at`);--> statement-breakpoint
ALTER TABLE `delivery` ADD `failed_at` integer;--> statement-breakpoint
CREATE INDEX `delivery_delivered` ON `delivery` (`delivered_at`);
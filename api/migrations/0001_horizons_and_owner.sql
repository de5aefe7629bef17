ALTER TABLE `issue` RENAME COLUMN `near` TO `first_horizon`;--> statement-breakpoint
ALTER TABLE `issue` RENAME COLUMN `far` TO `later_horizons`;--> statement-breakpoint
ALTER TABLE `setting` RENAME COLUMN `holder` TO `owner`;--> statement-breakpoint
UPDATE `setting` SET `name` = 'later horizons removed before' WHERE `name` = 'near only before';

/** Text form of the model packaged with the visual; replaced at packaging with `--model`. */
export const PACKAGED_MODEL: string | null = null;

// A bare page for tests: one frame, driven from outside.
import type { HostScript, UpdateScript } from '../messages.ts';
import { VisualFrame } from './visual-frame.ts';

const visual = new VisualFrame(document.body, '/preview/frame.html');
Object.assign(window, {
  visual,
  createVisual: (host: HostScript) => visual.create(host),
  updateVisual: (update: UpdateScript) => visual.update(update),
});

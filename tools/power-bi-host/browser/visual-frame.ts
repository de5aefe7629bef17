import type { HostEvent, HostScript, ToFrame, UpdateScript } from '../messages.ts';

/** The page's side of a frame that holds the visual: sends what a host sends, hears what it asks for. */
export class VisualFrame {
  readonly frame: HTMLIFrameElement;
  readonly events: HostEvent[] = [];
  private readonly listeners = new Set<(event: HostEvent) => void>();
  private readonly ready: Promise<unknown>;

  constructor(parent: HTMLElement, address: string) {
    this.frame = document.createElement('iframe');
    // No allow-same-origin: the visual's code runs without an origin, as in Power BI.
    this.frame.setAttribute('sandbox', 'allow-scripts');
    this.frame.title = 'Tidemark visual';
    this.frame.src = address;
    window.addEventListener('message', (event: MessageEvent<HostEvent>) => {
      if (event.source !== this.frame.contentWindow) return;
      this.events.push(event.data);
      for (const listener of this.listeners) listener(event.data);
    });
    this.ready = this.next('ready');
    parent.append(this.frame);
  }

  on(listener: (event: HostEvent) => void): void {
    this.listeners.add(listener);
  }

  /** The next event of a name. */
  next(...names: string[]): Promise<HostEvent> {
    return new Promise((resolve) => {
      const listener = (event: HostEvent) => {
        if (!names.includes(event.name)) return;
        this.listeners.delete(listener);
        resolve(event);
      };
      this.listeners.add(listener);
    });
  }

  async create(host: HostScript): Promise<void> {
    await this.ready;
    const created = this.next('created', 'error');
    this.send({ kind: 'create', host });
    const event = await created;
    if (event.name === 'error') throw new Error(String(event.detail));
  }

  /** Sends an update and waits until the visual says it has drawn. */
  async update(update: UpdateScript): Promise<HostEvent> {
    this.frame.style.width = `${update.width}px`;
    this.frame.style.height = `${update.height}px`;
    const drawn = this.next('rendering-finished', 'rendering-failed', 'error');
    this.send({ kind: 'update', update });
    return drawn;
  }

  async formattingModel(): Promise<unknown> {
    const answered = this.next('format-model');
    this.send({ kind: 'format-model' });
    return (await answered).detail;
  }

  send(message: ToFrame): void {
    this.frame.contentWindow?.postMessage(message, '*');
  }
}

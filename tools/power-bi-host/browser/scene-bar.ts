import type { Scene } from '../../scenes/scene.ts';
import { SCENES } from '../../scenes/scenes.ts';

/** Buttons for the named scenes, the live rows first. */
export function showScenes(bar: HTMLElement, play: (scene: Scene | null) => void): void {
  const choices: readonly (Scene | null)[] = [null, ...SCENES];
  const buttons = choices.map((scene) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = scene?.title ?? 'Live';
    button.setAttribute('aria-pressed', String(scene === null));
    button.addEventListener('click', () => {
      for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
      play(scene);
    });
    return button;
  });
  bar.replaceChildren(...buttons);
}

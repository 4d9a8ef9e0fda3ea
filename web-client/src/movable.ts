/** A small picture that may be dragged; it settles in the nearest corner. Enter and the arrow keys move it too. */

const CORNERS = ['bottom-right', 'top-right', 'top-left', 'bottom-left'] as const;
const SLACK_PX = 6;

/** Makes an element movable within its parent. */
export function movable(element: HTMLElement): void {
  let corner: (typeof CORNERS)[number] = 'bottom-right';
  let from: { x: number; y: number; moved: boolean } | null = null;
  const settle = (to: (typeof CORNERS)[number]): void => {
    corner = to;
    element.dataset['corner'] = to;
    element.style.translate = '';
  };
  settle(corner);

  element.addEventListener('pointerdown', (event) => {
    from = { x: event.clientX, y: event.clientY, moved: false };
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener('pointermove', (event) => {
    if (from === null) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    from.moved ||= Math.hypot(dx, dy) > SLACK_PX;
    if (from.moved) element.style.translate = `${dx}px ${dy}px`;
  });
  const drop = (): void => {
    if (from?.moved) {
      const own = element.getBoundingClientRect();
      const room = element.parentElement?.getBoundingClientRect() ?? own;
      const isTop = own.top + own.height / 2 < room.top + room.height / 2;
      const isLeft = own.left + own.width / 2 < room.left + room.width / 2;
      settle(`${isTop ? 'top' : 'bottom'}-${isLeft ? 'left' : 'right'}`);
    }
    from = null;
  };
  element.addEventListener('pointerup', drop);
  element.addEventListener('pointercancel', drop);

  element.addEventListener('keydown', (event) => {
    const [row, column] = corner.split('-') as ['top' | 'bottom', 'left' | 'right'];
    const moves: Record<string, (typeof CORNERS)[number]> = {
      ArrowLeft: `${row}-left`,
      ArrowRight: `${row}-right`,
      ArrowUp: `top-${column}`,
      ArrowDown: `bottom-${column}`,
      Enter: CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? corner,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    settle(to);
  });
}

/** Keeps the screen on while somebody waits or talks. */

/** Starts; the answer ends it. Browsers that cannot simply do not. */
export function stayAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  const take = async (): Promise<void> => {
    if (over || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    lock = await navigator.wakeLock.request('screen').catch(() => null);
    if (over) void lock?.release();
  };
  const back = (): void => void take();
  document.addEventListener('visibilitychange', back);
  void take();
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', back);
    void lock?.release().catch(() => undefined);
  };
}

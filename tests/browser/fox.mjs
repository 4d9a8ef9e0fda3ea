// Debian's Firefox as it is, driven by WebDriver BiDi, with a loudspeaker to play to.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { firefox } from 'playwright-core';

const program = fileURLToPath(new URL('firefox.sh', import.meta.url));

/** Made-up devices that nobody is asked for, calls on this machine, and no word to anybody outside. */
const settled = {
  'media.navigator.streams.fake': true,
  'permissions.default.camera': 1,
  'permissions.default.microphone': 1,
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // Every name is this machine's: telemetry, updates and settings from afar find nobody.
  'network.dns.forceResolve': '127.0.0.1',
  'network.captive-portal-service.enabled': false,
  'app.normandy.enabled': false,
};

/** Starts Firefox; it ends, and leaves nothing behind, when it is closed. */
export async function fox(eventually) {
  const home = await mkdtemp(path.join(os.tmpdir(), 'visavis-fox-'));
  const socket = path.join(home, 'loudspeaker');
  const speaker = loudspeaker(home, socket);
  const clear = async () => {
    speaker.kill('SIGKILL');
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    await eventually('a loudspeaker', () => new Promise((resolve, reject) => {
      const asked = net.connect(socket, () => resolve(asked.destroy())).once('error', reject);
    }));
    const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, PULSE_SERVER: `unix:${socket}` };
    const launched = await firefox.launch({ channel: 'moz-firefox', executablePath: program, env, firefoxUserPrefs: settled });
    skipUnknown(launched);
    const close = launched.close.bind(launched);
    launched.close = () => close().finally(clear);
    return launched;
  } catch (error) {
    await clear();
    throw error;
  }
}

/** Where sound goes that nobody hears. Without one, Firefox plays no sound at all, not even to a page that makes it. */
function loudspeaker(home, socket) {
  const modules = ['module-null-sink', `module-native-protocol-unix auth-anonymous=1 socket=${socket}`].map((one) => `--load=${one}`);
  const settings = ['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--disable-shm=yes'];
  return spawn('setpriv', ['--pdeathsig=KILL', 'pulseaudio', ...settings, ...modules], { env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home }, stdio: 'ignore' });
}

/** Playwright tells every page which colours it prefers, by a command that this Firefox does not know yet: it is left out. */
function skipUnknown(launched) {
  const session = Object.getPrototypeOf(launched._connection.toImpl(launched)._browserSession);
  const { send } = session;
  session.send = function (method, ...rest) {
    return method === 'emulation.setMediaFeaturesOverride' ? Promise.resolve({}) : send.call(this, method, ...rest);
  };
}

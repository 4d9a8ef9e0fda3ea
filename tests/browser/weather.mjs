// A bad network between pages and the media server's UDP port: loses, delays, narrows and closes the way as a seed says. The TCP port
// is reached straight.
import dgram from 'node:dgram';

/** What a network does on every way, up and down, of every page. */
export const CALM = { loss: 0, bursts: [0, 0], delay: [0, 0], rate: 0, queue: 300, shut: false };

/** Pages at once; more are not let through. */
const MOST_CLIENTS = 64;
/** IPv4 and UDP headers, which a rate counts too. */
const HEADERS = 28;

/** Numbers from 0 to 1 that follow from a seed (mulberry32). */
export function dice(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One way: what becomes of each packet. */
export class Way {
  #roll;
  #swallow = 0;
  #free = 0;

  constructor(seed) {
    this.#roll = dice(seed);
    this.counts = { taken: 0, lost: 0, full: 0 };
  }

  /**
   * For how many ms a packet of so many bytes is under way, or null when it is lost. `loss`: share lost one by one; `bursts`: share at
   * which a burst begins, and how many packets it swallows; `delay`: from … to ms, drawn for each packet, so that they overtake
   * each other; `rate`: bit/s, of which `queue` ms may wait.
   */
  takes(sky, bytes, now) {
    this.counts.taken += 1;
    if (sky.shut || this.#isSwallowed(sky)) {
      this.counts.lost += 1;
      return null;
    }
    let wait = 0;
    if (sky.rate > 0) {
      wait = Math.max(0, this.#free - now);
      if (wait > sky.queue) {
        this.counts.full += 1;
        return null;
      }
      const takes = ((bytes + HEADERS) * 8_000) / sky.rate;
      this.#free = now + wait + takes;
      wait += takes;
    }
    const [from, to] = sky.delay;
    return wait + from + (to - from) * this.#roll();
  }

  #isSwallowed({ loss, bursts: [share, length] }) {
    if (this.#swallow > 0) {
      this.#swallow -= 1;
      return true;
    }
    if (this.#roll() < share) this.#swallow = length - 1;
    return this.#swallow > 0 || this.#roll() < loss;
  }
}

/** Stands between pages and a server; `shut` it and no packet passes any more, as behind a firewall that closes UDP. */
export class Weather {
  #clients = new Map();
  #timers = new Set();

  static async before(server, seed = 1) {
    const weather = new Weather();
    weather.sky = CALM;
    weather.seed = seed;
    weather.upstream = Number(server.env.VISAVIS__MEDIA__UDP.split(':').at(-1));
    weather.socket = dgram.createSocket('udp4').on('message', (bytes, from) => weather.#up(bytes, from)).on('error', () => {});
    await new Promise((ready) => weather.socket.bind(0, '127.0.0.1', ready));
    weather.port = weather.socket.address().port;
    return weather;
  }

  /** What `obey` makes a page do so that its packets pass through here. */
  get rule() {
    return `
      if (!Real.prototype.setRemoteDescription.isDiverted) {
        const set = Real.prototype.setRemoteDescription;
        Real.prototype.setRemoteDescription = function ({ type, sdp }) {
          return set.call(this, { type, sdp: sdp.replace(/^(a=candidate:\\S+ \\d+ udp \\d+ \\S+) ${this.upstream} /gim, '$1 ${this.port} ') });
        };
        Real.prototype.setRemoteDescription.isDiverted = true;
      }`;
  }

  /** The weather from now on: what of {@link CALM} is another. */
  become(sky) {
    this.sky = { ...CALM, ...sky };
  }

  /** Packets so far on all ways: taken, lost, and refused by a full queue. */
  get counts() {
    const ways = [...this.#clients.values()].flatMap(({ up, down }) => [up.counts, down.counts]);
    return ways.reduce((sum, one) => ({ taken: sum.taken + one.taken, lost: sum.lost + one.lost, full: sum.full + one.full }), { taken: 0, lost: 0, full: 0 });
  }

  /** From how many ports pages have come so far. */
  get clients() {
    return this.#clients.size;
  }

  close() {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { socket } of this.#clients.values()) socket.close();
    this.socket.close();
  }

  #up(bytes, from) {
    const client = this.#client(from);
    if (client) this.#pass(client.up, bytes, () => client.socket.send(bytes, this.upstream, '127.0.0.1'));
  }

  #client({ address, port }) {
    const name = `${address}:${port}`;
    const known = this.#clients.get(name);
    if (known || this.#clients.size >= MOST_CLIENTS) return known;
    const seed = this.seed * 1000 + this.#clients.size * 2;
    const client = { up: new Way(seed), down: new Way(seed + 1), socket: dgram.createSocket('udp4') };
    client.socket.on('error', () => {}).on('message', (bytes) => this.#pass(client.down, bytes, () => this.socket.send(bytes, port, address)));
    this.#clients.set(name, client);
    return client;
  }

  #pass(way, bytes, send) {
    const wait = way.takes(this.sky, bytes.length, performance.now());
    if (wait === null) return;
    if (wait < 0.5) return send();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      send();
    }, wait);
    this.#timers.add(timer);
  }
}

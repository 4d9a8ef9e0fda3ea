// What a page of a call sees and hears, measured inside the page: nothing is polled from outside.

/** Puts the meters into a page whose call is up. */
export async function install(page) {
  await page.evaluate(() => {
    const video = () => [...document.querySelectorAll('video')].find((one) => !one.muted && one.videoWidth > 0);
    const peer = () => window.__connections.findLast(({ connectionState }) => connectionState === 'connected') ?? window.__connections.at(-1);
    const stats = async () => [...(await peer().getStats()).values()];
    /** The own candidate of the pair that carries the media. */
    const selected = async () => {
      const all = await stats();
      const { selectedCandidatePairId } = all.find(({ type }) => type === 'transport');
      const pair = all.find(({ id }) => id === selectedCandidatePairId);
      return all.find(({ id }) => id === pair?.localCandidateId);
    };
    const shown = [];
    let watched = null;
    // The element may get another stream, or be another one.
    const look = () => {
      const now = video();
      if (!now || now === watched) return;
      watched = now;
      const next = (_, { presentationTime }) => {
        shown.push(presentationTime);
        if (watched === now) now.requestVideoFrameCallback(next);
      };
      now.requestVideoFrameCallback(next);
    };
    setInterval(look, 50);
    look();

    const heard = [];
    const count = async () => {
      const sound = (await stats()).find(({ type, kind }) => type === 'inbound-rtp' && kind === 'audio');
      if (sound) heard.push({ at: performance.now(), all: sound.totalSamplesReceived, made: sound.concealedSamples, events: sound.concealmentEvents });
    };
    setInterval(count, 100);

    // Whatever became of the connections since now.
    const states = [];
    for (const one of window.__connections) one.addEventListener('connectionstatechange', () => states.push(one.connectionState));

    let recorder = null;
    let kept = [];
    window.__meters = {
      now: () => performance.now(),
      /** The longest time between two pictures since `from`, up to now; and how many there were. */
      pictures: (from) => {
        const times = [from, ...shown.filter((at) => at > from), performance.now()];
        const gaps = times.slice(1).map((at, index) => at - times[index]);
        return { longest: Math.max(...gaps), count: times.length - 2 };
      },
      /** Share of sound since `from` that was made up, and the longest run of looks, in ms, in which nearly all of it was. */
      sound: (from) => {
        const looks = heard.filter(({ at }) => at >= from);
        let [run, longest] = [0, 0];
        looks.slice(1).forEach((look, index) => {
          const before = looks[index];
          const [all, made] = [look.all - before.all, look.made - before.made];
          run = all > 0 && made / all > 0.9 ? run + (look.at - before.at) : 0;
          longest = Math.max(longest, run);
        });
        const [first, last] = [looks[0], looks.at(-1)];
        return { made: (last.made - first.made) / (last.all - first.all), longest, events: last.events - first.events };
      },
      /** Pictures sent of the large layer, and received. */
      frames: async () => {
        const all = (await stats()).filter(({ kind }) => kind === 'video');
        const out = all.filter(({ type }) => type === 'outbound-rtp');
        const incoming = all.find(({ type }) => type === 'inbound-rtp');
        const { framesReceived, framesDecoded, framesDropped, packetsLost, freezeCount, nackCount, pliCount, packetsReceived, keyFramesDecoded } = incoming;
        return { sent: out.reduce((sum, { framesSent }) => sum + (framesSent ?? 0), 0), framesReceived, framesDecoded, framesDropped, packetsLost, freezeCount, nackCount, pliCount, packetsReceived, keyFramesDecoded, layers: out.map(({ rid, framesSent, framesEncoded, packetsSent, keyFramesEncoded, active }) => [rid, framesSent, framesEncoded, packetsSent, keyFramesEncoded, active]) };
      },
      /** States of connections since the meters are there, and how many connections. */
      states: () => [window.__connections.length, ...states],
      /** How the pair that carries the media reaches the server. */
      way: async () => (await selected())?.protocol,
      /** Of which round of ICE that pair is. */
      fragment: async () => (await selected())?.usernameFragment,
      /** Keeps what is played from now on. */
      keep: () => {
        const track = watched.srcObject.getAudioTracks()[0];
        recorder = new MediaRecorder(new MediaStream([track]), { mimeType: 'audio/webm;codecs=opus', audioBitsPerSecond: 32_000 });
        kept = [];
        recorder.ondataavailable = ({ data }) => kept.push(data);
        recorder.start(1000);
      },
      /** What was kept, in base64. */
      kept: async () => {
        await new Promise((done) => {
          recorder.onstop = done;
          recorder.stop();
        });
        const bytes = new Uint8Array(await new Blob(kept).arrayBuffer());
        let text = '';
        for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
        return btoa(text);
      },
    };
  });
}

/** Asks a meter of a page. */
export const ask = (page, meter, ...args) => page.evaluate(([name, given]) => window.__meters[name](...given), [meter, args]);

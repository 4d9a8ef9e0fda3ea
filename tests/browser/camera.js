// A scripted camera and microphone, put into a page before its own code: what `getUserMedia` hands out is drawn here and
// then goes through the browser's real encoder. `window.__camera.show(name)` chooses what is held up to it
// (`covered`: the lens is; `snow`: much to be sent; `nothing new`: the picture stands still), `shake` how
// steadily, `still` what the camera hands out as its own photograph. With `hum` in its settings the tone never ends.
(() => {
  // Where a page may have no camera, as an empty one may not, there is none.
  if (!navigator.mediaDevices) return;
  const settings = window.__cameraSettings ?? { cards: {}, tone: 440, hue: 190 };
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { alpha: false });
  const cards = {};
  for (const [name, url] of Object.entries(settings.cards)) {
    cards[name] = new Image();
    cards[name].src = url;
  }
  let shown = 'face';
  let shake = 0;
  let still = null;
  let facing = 'user';
  let lit = false;
  let audio;
  let gain;
  let nextFlash = 0;
  let flashUntil = 0;
  const size = (width, height) => {
    if (canvas.width !== width) [canvas.width, canvas.height] = [width, height];
  };

  // Every two seconds, at the same instant, the picture turns white and the tone sounds, both for 120 ms.
  const flashAndBeep = (now) => {
    if (now < nextFlash) return;
    nextFlash = (Math.floor(now / 2000) + 1) * 2000;
    flashUntil = now + 120;
    if (gain && !settings.hum) {
      gain.gain.setValueAtTime(0.6, audio.currentTime);
      gain.gain.setValueAtTime(0, audio.currentTime + 0.12);
    }
  };

  const face = (now) => {
    const { width, height } = canvas;
    context.fillStyle = `hsl(${settings.hue} 45% 40%)`;
    context.fillRect(0, 0, width, height);
    const turn = Math.sin(now / 900) * width * 0.05;
    const [x, y, r] = [width / 2, height / 2, height * 0.33];
    context.fillStyle = '#e8c4a0';
    context.beginPath();
    context.ellipse(x, y, r * 0.78, r, 0, 0, 7);
    context.fill();
    context.fillStyle = '#2b2320';
    for (const side of [-1, 1]) {
      context.beginPath();
      context.arc(x + turn + side * r * 0.3, y - r * 0.2, r * 0.08, 0, 7);
      context.fill();
    }
    context.fillRect(x + turn - r * 0.25, y + r * 0.42, r * 0.5, r * 0.07);
    context.beginPath();
    context.moveTo(x + turn, y - r * 0.05);
    context.lineTo(x + turn * 1.6 + r * 0.08, y + r * 0.22);
    context.lineTo(x + turn - r * 0.05, y + r * 0.22);
    context.fill();
    context.fillRect(x - r * 0.8, y - r * 1.05, r * 1.6, r * 0.3);
  };

  const draw = () => {
    const now = performance.timeOrigin + performance.now();
    if (shown === 'face') {
      size(640, 480);
      flashAndBeep(now);
      if (now < flashUntil) {
        context.fillStyle = '#fff';
        context.fillRect(0, 0, canvas.width, canvas.height);
      } else face(now);
    } else if (shown === 'snow') {
      // As much as a picture can hold, and another one each time.
      size(640, 480);
      for (let at = 0; at < 1200; at += 1) {
        context.fillStyle = `hsl(${Math.random() * 360} 60% ${Math.random() * 100}%)`;
        context.fillRect((at % 40) * 16, Math.floor(at / 40) * 16, 16, 16);
      }
    } else if (shown === 'covered') {
      size(640, 480);
      context.fillStyle = '#020202';
      context.fillRect(0, 0, canvas.width, canvas.height);
    } else if (cards[shown]?.complete) {
      size(cards[shown].naturalWidth || 1280, cards[shown].naturalHeight || 720);
      // A little larger than the picture, so that nothing shows beside it when the hand sways; a head is never still.
      const { width, height } = canvas;
      const [dx, dy] = shown.startsWith('head')
        ? [2 * Math.sin(now / 590), 1.5 * Math.sin(now / 910)]
        : [Math.sin(now / 190), Math.cos(now / 230)].map((sway) => sway * shake * width);
      context.drawImage(cards[shown], dx - shake * width, dy - shake * height, width * (1 + 2 * shake), height * (1 + 2 * shake));
    }
  };
  size(640, 480);
  setInterval(draw, 50);

  const microphone = () => {
    audio ??= new AudioContext();
    audio.resume();
    if (!gain) {
      const tone = new OscillatorNode(audio, { frequency: settings.tone });
      gain = new GainNode(audio, { gain: settings.hum ? 0.3 : 0 });
      tone.connect(gain);
      tone.start();
    }
    const out = audio.createMediaStreamDestination();
    gain.connect(out);
    return out.stream.getAudioTracks()[0];
  };

  // What the camera's own still is: none (as this canvas has none), twice as fine, lying on its side, or black.
  window.ImageCapture = class {
    async takePhoto() {
      if (still === null) throw new DOMException('no stills', 'NotSupportedError');
      const picture = document.createElement('canvas');
      const [wide, high] = [canvas.width * 2, canvas.height * 2];
      [picture.width, picture.height] = still === 'turned' ? [high, wide] : [wide, high];
      const paint = picture.getContext('2d');
      if (still === 'turned') paint.setTransform(0, 1, -1, 0, high, 0);
      if (still !== 'black') paint.drawImage(cards[shown], 0, 0, wide, high);
      return new Promise((done) => picture.toBlob(done, 'image/jpeg', 0.9));
    }
  };

  window.__camera = {
    show: (name) => { shown = name; draw(); },
    shown: () => shown,
    /** How far the hand sways, as a share of the picture's width. */
    shake: (far) => { shake = far; },
    still: (kind) => { still = kind; },
    /** Which camera the page uses now, and whether its lamp is on. */
    facing: () => facing,
    lit: () => lit,
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const tracks = [];
    if (constraints?.video) {
      const track = canvas.captureStream(20).getVideoTracks()[0];
      facing = constraints.video.facingMode?.ideal ?? 'user';
      lit = false;
      // The rear camera has a lamp, as on a phone.
      if (facing === 'environment') {
        track.getCapabilities = () => ({ torch: true });
        track.applyConstraints = async ({ advanced }) => void (lit = advanced[0].torch);
      }
      tracks.push(track);
    }
    if (constraints?.audio) tracks.push(microphone());
    return new MediaStream(tracks);
  };
  navigator.mediaDevices.enumerateDevices = async () =>
    [['videoinput', 'front'], ['videoinput', 'back'], ['audioinput', 'microphone']].map(([kind, label]) => ({ kind, label, deviceId: label, groupId: 'scripted', toJSON() { return this; } }));
})();

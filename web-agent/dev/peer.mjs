/** Runs in the page: a peer connection that answers itself with the browser's own fake camera. */
export function fakePeer() {
  class FakePeer {
    connectionState = 'new';
    signalingState = 'stable';
    remoteDescription = null;
    addTransceiver(track) {
      const sender = { track: typeof track === 'string' ? null : track, replaceTrack: async (next) => void (sender.track = next) };
      return { sender, setCodecPreferences: () => undefined };
    }
    async createOffer() {
      return { type: 'offer', sdp: 'offer' };
    }
    async setLocalDescription() {
      this.signalingState = 'have-local-offer';
    }
    async setRemoteDescription(description) {
      this.signalingState = 'stable';
      this.remoteDescription = description;
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720 }, audio: true });
      for (const track of stream.getTracks()) this.ontrack?.({ track });
      this.connectionState = 'connected';
      this.onconnectionstatechange?.();
    }
    async getStats() {
      this.count = (this.count ?? 0) + 1;
      const at = this.count * 2000;
      return new Map([
        ['a', { type: 'inbound-rtp', kind: 'video', timestamp: at, packetsReceived: this.count * 300, packetsLost: 0, bytesReceived: this.count * 290_000, jitter: 0.004 }],
        ['b', { type: 'candidate-pair', nominated: true, timestamp: at, currentRoundTripTime: 0.048 }],
      ]);
    }
    close() {}
  }
  globalThis.RTCPeerConnection = FakePeer;
}

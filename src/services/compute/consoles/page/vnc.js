// shows a server's screen in the browser: `path` in the page's address is where the web socket is, token and all
import RFB from '../core/rfb.js';

const status = document.getElementById('status');
const keys = document.getElementById('keys');

const path = new URLSearchParams(window.location.search).get('path') ?? 'websockify';
const url = new URL(path, window.location.href);
url.protocol = window.location.protocol === 'https:' ? 'wss:' : 'ws:';

status.textContent = 'Connecting';
const rfb = new RFB(document.getElementById('screen'), url.href, { wsProtocols: ['binary'] });
rfb.scaleViewport = true;

rfb.addEventListener('connect', () => {
  status.textContent = 'Connected';
  keys.disabled = false;
});
rfb.addEventListener('desktopname', ({ detail }) => {
  document.title = `${detail.name} - noVNC`;
  status.textContent = detail.name;
});
rfb.addEventListener('disconnect', ({ detail }) => {
  status.textContent = detail.clean ? 'Disconnected' : 'The connection was lost. Ask for a new console.';
  keys.disabled = true;
});
keys.addEventListener('click', () => rfb.sendCtrlAltDel());

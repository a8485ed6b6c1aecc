import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Speech } from '../../frontend/js/state/speech.js';

/**
 * A live region and a clock that is moved by hand.
 * @param {Speech} speech
 */
function listener(speech) {
  let now = 0;
  /** @type {[number, string][]} */
  const heard = [];
  const speak = () => {
    const text = speech.take(now);
    if (text) heard.push([now, text]);
  };
  const pass = (/** @type {number} */ ms) => {
    now += ms;
    speak();
  };
  /** Until nothing is pending. */
  const drain = () => {
    for (let wait = speech.wait(now); wait !== null; wait = speech.wait(now)) pass(wait);
  };
  return { heard, speak, pass, drain };
}

test('a running zone is told every five seconds, with the numbers of that moment', () => {
  const speech = new Speech();
  const { heard, pass, speak } = listener(speech);
  let op = 0;
  for (let ms = 0; ms < 12_000; ms += 20) {
    op += 100;
    const offered = op;
    speech.offer('hum', () => `op ${op}, offered at ${offered}`);
    speak();
    pass(20);
  }
  assert.deepEqual(heard.map(([at]) => at), [0, 5000, 10_000]);
  for (const [, text] of heard) assert.match(text, /^op (\d+), offered at \1$/);
});

test('a step held down is told by its newest, once a second, and nothing is left over', () => {
  const speech = new Speech();
  const { heard, pass, speak, drain } = listener(speech);
  for (let n = 1; n <= 100; n++) {
    speech.offer('act', () => `step ${n}`);
    speak();
    pass(30);
  }
  drain();
  assert.deepEqual(heard.map(([, text]) => text), ['step 1', 'step 34', 'step 68', 'step 100']);
  heard.reduce((before, [at]) => {
    assert.ok(at - before >= 1000);
    return at;
  }, -Infinity);
  assert.equal(speech.wait(1e9), null);
});

test('an act and what it broke are one utterance, and put off what hums', () => {
  const speech = new Speech();
  const { heard, pass, speak, drain } = listener(speech);
  speech.offer('hum', () => 'hum');
  speech.offer('verdict', () => 'I1x is broken.');
  speech.offer('act', () => 'Freed.');
  speak();
  assert.deepEqual(heard, [[0, 'Freed. I1x is broken.']]);
  pass(4999);
  assert.equal(heard.length, 1);
  drain();
  assert.deepEqual(heard[1], [5000, 'hum']);
});

test('what broke and healed before it could be said is not said', () => {
  const speech = new Speech();
  const { heard, drain } = listener(speech);
  speech.offer('act', () => 'one');
  drain();
  let broken = true;
  speech.offer('verdict', () => (broken ? 'broken' : ''));
  broken = false;
  drain();
  assert.deepEqual(heard, [[0, 'one']]);
  assert.equal(speech.wait(0), null);
});

test('where the keyboard stands is told quickly, and only where it stands now', () => {
  const speech = new Speech();
  const { heard, pass, speak, drain } = listener(speech);
  for (let n = 1; n <= 10; n++) {
    speech.offer('place', () => `Block ${n}`);
    speak();
    pass(50);
  }
  drain();
  assert.deepEqual(heard.map(([at, text]) => `${at} ${text}`), ['0 Block 1', '250 Block 5', '500 Block 10']);
});

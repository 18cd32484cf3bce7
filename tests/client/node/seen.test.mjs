// When an item counts as seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenItems } from "../../../client_typescript/built/index.js";
import { Clock, LIST } from "./support.mjs";

const WINDOW = { width: 400, height: 800 };

/** Looks as a browser does when it is told how much of an element is visible. */
class Observer {
  constructor(report, { threshold }) {
    Object.assign(this, { report, threshold, elements: new Set() });
    Observer.last = this;
  }
  observe(element) {
    this.elements.add(element);
  }
  unobserve(element) {
    this.elements.delete(element);
  }
  disconnect() {
    this.elements.clear();
  }
  shows(target, share, { height = 100 } = {}) {
    assert.ok(this.elements.has(target), "nobody looks at it");
    const intersectionRect = { width: WINDOW.width, height: share * height };
    this.report([{ target, isIntersecting: share > 0, intersectionRatio: share, intersectionRect, rootBounds: WINDOW }]);
  }
}

function looking() {
  const clock = new Clock();
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const found = [];
  const queue = { add: (type, itemId, { useCase }) => found.push([type, itemId, useCase].join(" ")) };
  const seen = new SeenItems({ queue, page, Observer, timers: clock.timers });
  const turn = (state) => {
    page.visibilityState = state;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  return { clock, seen, found, turn, observer: Observer.last };
}

test("half of it for a second, without a break, is an impression: once", () => {
  const { clock, seen, found, observer } = looking();
  const card = {};
  seen.watch(card, "a", LIST);

  observer.shows(card, 0.49);
  clock.later(5000);
  observer.shows(card, 0.5);
  clock.later(999);
  observer.shows(card, 0.4);
  clock.later(1000);
  observer.shows(card, 0.5);
  clock.later(500);
  observer.shows(card, 1);
  clock.later(499);
  assert.deepEqual(found, []);
  clock.later(1);

  assert.deepEqual(found, ["impression a films"]);
  assert.equal(observer.elements.size, 0);
});

test("what is larger than the window is seen when it fills half of that", () => {
  const { clock, seen, found, observer } = looking();
  const card = {};
  seen.watch(card, "a", LIST);

  observer.shows(card, 0.12, { height: 3200 });
  clock.later(1000);
  assert.deepEqual(found, []);
  observer.shows(card, 0.13, { height: 3200 });
  clock.later(1000);

  assert.deepEqual(found, ["impression a films"]);
});

test("nobody sees a page that is hidden", () => {
  const { clock, seen, found, turn, observer } = looking();
  const card = {};
  seen.watch(card, "a", LIST);
  observer.shows(card, 1);
  clock.later(900);

  turn("hidden");
  clock.later(9000);
  assert.deepEqual(found, []);
  turn("visible");
  clock.later(999);
  assert.deepEqual(found, []);
  clock.later(1);

  assert.deepEqual(found, ["impression a films"]);
});

test("an item of a list counts once, in however many elements, and again in another list", () => {
  const { clock, seen, found, observer } = looking();
  const [one, other, later, elsewhere] = [{}, {}, {}, {}];
  seen.watch(one, "a", LIST);
  seen.watch(other, "a", LIST);
  observer.shows(one, 1);
  observer.shows(other, 1);
  clock.later(1000);
  seen.watch(later, "a", LIST);
  seen.watch(elsewhere, "a", { ...LIST, useCase: "series" });
  assert.deepEqual([...observer.elements], [elsewhere]);
  observer.shows(elsewhere, 1);
  clock.later(1000);

  assert.deepEqual(found, ["impression a films", "impression a series"]);
});

test("what is taken away or closed is not seen any more", () => {
  const { clock, seen, found, turn, observer } = looking();
  const [one, other] = [{}, {}];
  seen.watch(one, "a", LIST);
  seen.watch(other, "b", LIST);
  observer.shows(one, 1);
  observer.shows(other, 1);
  seen.unwatch(one);
  seen.close();
  turn("visible");
  clock.later(5000);

  assert.deepEqual([found, observer.elements.size, clock.next], [[], 0, undefined]);
});

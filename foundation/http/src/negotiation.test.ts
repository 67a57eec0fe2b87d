import { expect, test } from "vitest";
import {
  missingContentTypeReply,
  negotiate,
  notAcceptableReply,
  parseContentType,
  unsupportedMediaTypeReply,
} from "./index.ts";

const JSON_TYPE = "application/json";
const PROTOBUF = "application/x-protobuf";

test.each([
  [undefined, JSON_TYPE],
  ["", JSON_TYPE],
  ["*/*", JSON_TYPE],
  ["application/*", JSON_TYPE],
  [PROTOBUF, PROTOBUF],
  ["Application/JSON", JSON_TYPE],
  ["text/html, application/x-protobuf", PROTOBUF],
  ["application/json;q=0.5, application/x-protobuf", PROTOBUF],
  ["application/json;q=0.5, application/x-protobuf;q=0.4", JSON_TYPE],
  ["*/*, application/json;q=0", PROTOBUF],
  ["application/json;q=0.1, */*;q=0.2", PROTOBUF],
  ["application/*;q=0, application/json", JSON_TYPE],
  ["application/json; charset=utf-8", JSON_TYPE],
  ["text/html", undefined],
  ["application/recordio", undefined],
  ["application/json;q=0", undefined],
  ["application/json;q=abc", undefined],
  ["garbage", undefined],
])("[HTP10] Accept %j chooses %s", (header, chosen) => {
  expect(negotiate(header, [JSON_TYPE, PROTOBUF])).toBe(chosen);
});

test.each([
  ["application/json", JSON_TYPE, {}],
  ["Application/JSON; Charset=UTF-8", JSON_TYPE, { charset: "UTF-8" }],
  ['multipart/form-data; boundary="a b"; junk', "multipart/form-data", { boundary: "a b" }],
])("[HTP11] Content-Type %s is read", (header, type, parameters) => {
  expect(parseContentType(header)).toEqual({ type, parameters });
});

test.each(["", "json", "application/", "/json", "application json", "a/b/c"])(
  "[HTP11] Content-Type %j is malformed",
  (header) => {
    expect(parseContentType(header)).toBeUndefined();
  },
);

test("[HTP12] the refusals have Mesos's statuses and words", () => {
  expect(missingContentTypeReply()).toMatchObject({
    status: 400,
    body: "Expecting 'Content-Type' to be present",
  });
  expect(unsupportedMediaTypeReply([JSON_TYPE, PROTOBUF])).toMatchObject({
    status: 415,
    body: "Expecting 'Content-Type' of application/json or application/x-protobuf",
  });
  expect(notAcceptableReply([PROTOBUF, JSON_TYPE])).toMatchObject({
    status: 406,
    body: "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
    headers: { "Content-Type": "text/plain; charset=utf-8" },
  });
});

#!/bin/sh

curl -s http://127.0.0.1:8000/api/map_publish \
  -H "X-API-Key: $API_KEY" -H 'Content-Type: application/json' \
  -d '{"channel":"bridge:orders","key":"o-1","data":{"id":"o-1","status":"packed"}}'

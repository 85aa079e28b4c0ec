import { connect } from "nhip-client";

export const client = connect("http://127.0.0.1:8000/");

"""Does with boto3 what people do with SQS and SNS, and prints what came of it as JSON.

The arguments are the endpoint's URL and a protocol: `json`, or `query` as botocore spoke it with SQS before 1.31.81.
"""

import gzip
import json
import os
import sys
import tempfile
import time

import boto3
import botocore
from botocore.exceptions import ClientError

URL, PROTOCOL = sys.argv[1:]

# What the Query protocol calls the members that the JSON protocol needs no other names for.
LISTS = {
    "AttributeNameList": "AttributeName",
    "MessageAttributeNameList": "MessageAttributeName",
    "MessageSystemAttributeList": "MessageSystemAttributeName",
    "MessageList": "Message",
    "QueueUrlList": "QueueUrl",
    "TagKeyList": "TagKey",
    "ListMessageMoveTasksResultEntryList": "ListMessageMoveTasksResultEntry",
    "BatchResultErrorEntryList": "BatchResultErrorEntry",
}
MAPS = {
    "Attributes": "Attribute",
    "MessageAttributes": "MessageAttribute",
    "MessageSystemAttributes": "MessageSystemAttribute",
    "Tags": "Tag",
    "tags": "Tag",
}


def query_model():
    """The service's model, turned back to the Query protocol."""
    folder = os.path.join(os.path.dirname(botocore.__file__), "data/sqs/2012-11-05")
    with gzip.open(os.path.join(folder, "service-2.json.gz")) as file:
        model = json.load(file)
    model["metadata"].update(protocol="query", protocols=["query"])
    model["metadata"]["xmlNamespace"] = "http://queue.amazonaws.com/doc/2012-11-05/"
    for name, operation in model["operations"].items():
        if "output" in operation:
            operation["output"]["resultWrapper"] = f"{name}Result"
    for name, shape in model["shapes"].items():
        if shape["type"] == "list":
            entry = name.removesuffix("List") if "Batch" in name else None
            shape["member"]["locationName"] = LISTS.get(name, entry or shape["member"]["shape"])
            shape["flattened"] = True
        elif shape["type"] == "map":
            shape["key"]["locationName"] = "Key" if name == "TagMap" else "Name"
            shape["value"]["locationName"] = "Value"
            shape["flattened"] = True
        elif shape["type"] == "structure":
            for member, reference in shape["members"].items():
                if model["shapes"][reference["shape"]]["type"] == "map":
                    reference["locationName"] = MAPS[member]
    return model


def sqs_client():
    session = boto3.Session()
    if PROTOCOL == "query":
        folder = tempfile.mkdtemp()
        version = os.path.join(folder, "sqs/2012-11-05")
        os.makedirs(version)
        with open(os.path.join(version, "service-2.json"), "w") as file:
            json.dump(query_model(), file)
        # Found before botocore's own.
        session._session.get_component("data_loader").search_paths.insert(0, folder)
    return session.client("sqs", endpoint_url=URL)


sqs = sqs_client()
sns = boto3.client("sns", endpoint_url=URL)
protocols = []
sqs.meta.events.register("before-send", lambda request, **_: protocols.append(request.headers["Content-Type"]))


def code(call, **arguments):
    try:
        call(**arguments)
        return None
    except ClientError as error:
        return error.response["Error"]["Code"]


def arn_of(url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def create(name, attributes=None, tags=None):
    return sqs.create_queue(QueueName=f"{PROTOCOL}-{name}", Attributes=attributes or {}, tags=tags or {})["QueueUrl"]


def receive(url, **options):
    options = {"MaxNumberOfMessages": 10, "AttributeNames": ["All"], "MessageAttributeNames": ["All"], **options}
    return sqs.receive_message(QueueUrl=url, **options).get("Messages", [])


def bodies(url, **options):
    return [message["Body"] for message in receive(url, **options)]


def standard_queue():
    url = create("orders", {"VisibilityTimeout": "60"}, {"team": "a"})
    attributes = {
        "color": {"DataType": "String", "StringValue": "rot & grün"},
        "size": {"DataType": "Number", "StringValue": "7"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sent = sqs.send_message(QueueUrl=url, MessageBody="<hello>\n", MessageAttributes=attributes)
    [message] = receive(url)
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    [again] = receive(url)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    batch = sqs.send_message_batch(
        QueueUrl=url,
        Entries=[{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2", "DelaySeconds": 901}],
    )
    depth = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
    sqs.purge_queue(QueueUrl=url)
    sqs.tag_queue(QueueUrl=url, Tags={"stage": "dev", "team": "b"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["team"])
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "90"})
    return {
        "same": [message["MessageId"], message["Body"], message["MessageAttributes"] == attributes]
        == [sent["MessageId"], "<hello>\n", True],
        "received": again["Attributes"]["ApproximateReceiveCount"],
        "batch": [
            [entry["Id"] for entry in batch["Successful"]],
            [[entry["Id"], entry["Code"], entry["SenderFault"]] for entry in batch["Failed"]],
        ],
        "depth": depth["ApproximateNumberOfMessages"],
        "purged": bodies(url),
        "tags": sqs.list_queue_tags(QueueUrl=url)["Tags"],
        "visibility": sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"],
    }


def fifo_queue():
    url = create("transfers.fifo", {"FifoQueue": "true", "ContentBasedDeduplication": "true"})
    sent = [sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g") for body in "12131"]
    first = receive(url, MaxNumberOfMessages=1)
    locked = bodies(url)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first[0]["ReceiptHandle"])
    return {
        "duplicates": len({each["MessageId"] for each in sent}),
        "order": [first[0]["Body"], locked, bodies(url)],
        "rising": sent[0]["SequenceNumber"] < sent[1]["SequenceNumber"] < sent[3]["SequenceNumber"],
        "without a group": code(sqs.send_message, QueueUrl=url, MessageBody="x"),
    }


def dead_letters():
    dead = create("dead")
    redrive = json.dumps({"deadLetterTargetArn": arn_of(dead), "maxReceiveCount": 1})
    source = create("source", {"RedrivePolicy": redrive})
    sqs.send_message(QueueUrl=source, MessageBody="poison")
    receive(source, VisibilityTimeout=0)
    receive(source)
    found = bodies(dead, WaitTimeSeconds=5, VisibilityTimeout=0)
    task = sqs.start_message_move_task(SourceArn=arn_of(dead))
    back = bodies(source, WaitTimeSeconds=10)
    for _ in range(100):
        [listed] = sqs.list_message_move_tasks(SourceArn=arn_of(dead))["Results"]
        if listed["Status"] == "COMPLETED":
            break
        time.sleep(0.05)
    return {
        "found": found,
        "sources": sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [source],
        "task": bool(task["TaskHandle"]),
        "back": back,
        "listed": [listed["Status"], listed["ApproximateNumberOfMessagesMoved"]],
    }


def topic():
    arn = sns.create_topic(Name=f"{PROTOCOL}-created", Tags=[{"Key": "team", "Value": "a"}])["TopicArn"]
    url = create("subscriber")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn_of(url),
        "Condition": {"ArnEquals": {"aws:SourceArn": arn}},
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [statement]})})
    subscription = sns.subscribe(
        TopicArn=arn,
        Protocol="sqs",
        Endpoint=arn_of(url),
        Attributes={"FilterPolicy": '{"kind": ["order"]}', "RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    for kind in ["order", "bill"]:
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=arn, Message=f"an {kind}", MessageAttributes=attributes)
    sns.unsubscribe(SubscriptionArn=subscription)
    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "stage", "Value": "dev"}])
    sns.untag_resource(ResourceArn=arn, TagKeys=["team"])
    return {
        "received": bodies(url),
        "left": sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"],
        "tags": sns.list_tags_for_resource(ResourceArn=arn)["Tags"],
    }


def lists_and_errors():
    prefix = f"{PROTOCOL}-listed-"
    for i in range(5):
        sqs.create_queue(QueueName=f"{prefix}{i}")
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix, PaginationConfig={"PageSize": 2})
    urls = [url for page in pages for url in page.get("QueueUrls", [])]
    sqs.delete_queue(QueueUrl=urls[0])
    return {
        "listed": [url.rsplit("-", 1)[1] for url in urls],
        "missing": code(sqs.get_queue_url, QueueName="missing"),
        "deleted": code(sqs.send_message, QueueUrl=urls[0], MessageBody="x"),
        "attribute": code(sqs.set_queue_attributes, QueueUrl=urls[1], Attributes={"DelaySeconds": "901"}),
        "handle": code(sqs.delete_message, QueueUrl=urls[1], ReceiptHandle="nonsense"),
        "topic": code(sns.publish, TopicArn="arn:aws:sns:us-east-1:000000000000:missing", Message="x"),
    }


result = {
    "standard": standard_queue(),
    "fifo": fifo_queue(),
    "dead": dead_letters(),
    "topic": topic(),
    "errors": lists_and_errors(),
    "protocols": sorted({str(each, "ascii") if isinstance(each, bytes) else each for each in protocols}),
}
print(json.dumps(result))
